"""Messages: the envelope and recipients in the clear, the content sealed in a table of its own."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact, GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from mailhold.ids import uuid7
from mailhold.mailstore.sealing import OVERHEAD_BYTES, WRAPPED_BYTES


class Message(models.Model):
    """One accepted message: what the SMTP client was answered 250 for."""

    class Status(models.TextChoices):
        """How far the message has come before it is in the hands of its holds."""

        RECEIVED = "received", _("received")
        SCREENED = "screened", _("screened")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.RECEIVED)
    received_at = models.DateTimeField(_("received at"))
    # Envelope (RFC 5321), DSN parameters (RFC 3461) and how the client came.
    reverse_path = models.CharField(_("envelope sender"), max_length=320, blank=True)
    smtputf8 = models.BooleanField(default=False)
    eightbit = models.BooleanField(default=False)
    dsn_ret = models.CharField(max_length=4, blank=True)
    dsn_envid = models.CharField(max_length=100, blank=True)
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("signed in as")
    )
    peer_address = models.CharField(_("client address"), max_length=45, blank=True)
    helo_name = models.CharField(max_length=255, blank=True)
    protocol = models.CharField(max_length=10, blank=True)
    trace_header = models.TextField(
        help_text=_("The Received header that is put above the content when it leaves."), blank=True
    )
    # The message's own data key, wrapped by a master key; opens every revision of this message.
    wrapped_key = models.BinaryField(max_length=128)
    # Screening: a lease, so that a crashed worker's messages are found, and how often one was begun.
    screen_attempts = models.PositiveSmallIntegerField(default=0)
    screen_leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = (
            models.Index(
                fields=["received_at"], name="message_unscreened", condition=models.Q(status="received")
            ),
            models.Index(fields=["submitter", "-id"], name="message_by_submitter"),
            models.Index(fields=["reverse_path", "-id"], name="message_by_reverse_path"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=["received", "screened"]), name="message_status_is_known"
            ),
            models.CheckConstraint(
                condition=Exact(Length("wrapped_key"), WRAPPED_BYTES), name="message_key_is_wrapped"
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class Recipient(models.Model):
    """One recipient of one message, in exactly one status at all times, from acceptance to its end."""

    class Status(models.TextChoices):
        """Where this recipient's copy is."""

        RECEIVED = "received", _("received")  # accepted, not screened
        WAITING = "waiting", _("waiting")  # held
        QUEUED = "queued", _("queued")  # released, to be delivered
        SENDING = "sending", _("sending")  # the next hop is being given the copy
        DEFERRED = "deferred", _("deferred")  # failed for now, tried again
        DELIVERED = "delivered", _("delivered")  # the next hop accepted it
        FAILED = "failed", _("failed")  # refused for good or given up
        OUTCOME_UNKNOWN = "outcome_unknown", _("outcome unknown")  # no reply after the final dot
        REMOVED = "removed", _("removed")  # taken out by an edit
        CANCELED = "canceled", _("canceled")
        REJECTED = "rejected", _("rejected")
        RETURNED = "returned", _("returned")
        DISCARDED = "discarded", _("discarded")

    message = models.ForeignKey(Message, models.PROTECT, related_name="recipients", verbose_name=_("message"))
    address = models.CharField(_("address"), max_length=320)
    domain = models.CharField(_("domain"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=15, choices=Status.choices, default=Status.RECEIVED)
    dsn_notify = models.CharField(max_length=30, blank=True)
    dsn_orcpt = models.CharField(max_length=500, blank=True)
    # The newest reply about this recipient.
    reply_code = models.PositiveSmallIntegerField(_("reply code"), null=True)
    enhanced_status = models.CharField(_("enhanced status"), max_length=12, blank=True)
    reply_text = models.CharField(_("reply"), max_length=500, blank=True)
    next_hop = models.CharField(_("next hop"), max_length=255, blank=True)
    changed_at = models.DateTimeField(_("changed at"), null=True)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        indexes = (models.Index(fields=["domain", "-message"], name="recipient_by_domain"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "received",
                        "waiting",
                        "queued",
                        "sending",
                        "deferred",
                        "delivered",
                        "failed",
                        "outcome_unknown",
                        "removed",
                        "canceled",
                        "rejected",
                        "returned",
                        "discarded",
                    ]
                ),
                name="recipient_status_is_known",
            ),
            models.CheckConstraint(condition=~models.Q(address=""), name="recipient_has_address"),
        )

    def __str__(self) -> str:
        return self.address


FINAL_RECIPIENT_STATUSES = frozenset(
    {
        Recipient.Status.DELIVERED,
        Recipient.Status.FAILED,
        Recipient.Status.OUTCOME_UNKNOWN,
        Recipient.Status.REMOVED,
        Recipient.Status.CANCELED,
        Recipient.Status.REJECTED,
        Recipient.Status.RETURNED,
        Recipient.Status.DISCARDED,
    }
)


class Revision(models.Model):
    """One state of a message's content: number 0 as it came, higher numbers as somebody changed it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="revisions", verbose_name=_("message"))
    number = models.PositiveSmallIntegerField(_("revision"))
    digest = models.BinaryField(max_length=32, help_text=_("SHA-256 of the content."))
    size = models.PositiveIntegerField(_("size in bytes"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = (
            models.UniqueConstraint(fields=["message", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Exact(Length("digest"), 32), name="revision_digest_is_sha256"),
        )

    def __str__(self) -> str:
        return f"{self.message_id}/{self.number}"


class SealedContent(models.Model):
    """The bytes of a revision, sealed; a table of its own, so that no list ever drags them along."""

    revision = models.OneToOneField(Revision, models.PROTECT, primary_key=True, related_name="sealed_content")
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("sealed content")
        verbose_name_plural = _("sealed contents")
        constraints = (
            models.CheckConstraint(
                condition=GreaterThanOrEqual(Length("sealed"), OVERHEAD_BYTES), name="content_is_sealed"
            ),
        )

    def __str__(self) -> str:
        return str(self.revision_id)
