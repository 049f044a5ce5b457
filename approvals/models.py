"""The hold queue: holds, the gates they wait for, decisions, links and notices."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from approvals.replay.models import Replay, ReplaySample  # noqa: F401 - Django looks for models here
from approvals.states import HoldState
from mailhold.ids import uuid7
from mailhold.mailstore.models import Message, Recipient, Revision

PERSON = settings.AUTH_USER_MODEL


class Hold(models.Model):
    """The copies of one message that are treated alike: held, decided and released together."""

    State = HoldState

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.PROTECT, related_name="holds", verbose_name=_("message"))
    # What leaves, and what people approve. An edit points this to a new revision.
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+", verbose_name=_("revision"))
    state = models.CharField(_("state"), max_length=9, choices=HoldState.choices)
    created_at = models.DateTimeField(_("held at"))
    changed_at = models.DateTimeField(_("changed at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    # The gist, for lists.
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    author = models.CharField(_("From"), max_length=500, blank=True)
    author_address = models.CharField(max_length=320, blank=True)
    attachment_count = models.PositiveSmallIntegerField(_("attachments"), default=0)
    sender = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+", verbose_name=_("sender"))
    sender_address = models.CharField(_("sender address"), max_length=320, blank=True)
    # Made by a program (Auto-Submitted, RFC 3834): nobody is there to read a notice.
    automatic = models.BooleanField(_("made by a program"), default=False)

    # What policy asked for. `reasons` is a list of {code, policy_id, policy: {ja, en}, text: {ja, en}}.
    policy_version = models.PositiveIntegerField(_("policy version"), default=0)
    reasons = models.JSONField(_("reasons"), default=list)
    # Where in the mail the reasons are: see `marking`.
    marks = models.JSONField(_("marks"), default=dict)
    return_text = models.JSONField(null=True)
    sender_may_cancel = models.BooleanField(default=True)
    sender_may_send_now = models.BooleanField(default=False)
    link_level = models.CharField(max_length=2, default="L0")
    urgent = models.BooleanField(_("urgent"), default=False)
    # What the sender must say, and has said, at the self-check.
    reason_required = models.BooleanField(_("sender must give a reason"), default=False)
    sender_reason = models.TextField(_("sender's reason"), blank=True)
    # Header fields that policies put above the content when it leaves, each as "Name: value".
    added_headers = models.JSONField(_("added headers"), default=list)
    # Texts before the subject of what leaves, and the addresses that its Cc field names besides: see `leaving`.
    subject_tags = models.JSONField(_("subject tags"), default=list)
    added_cc = models.JSONField(_("Cc added by policies"), default=list)
    added_bcc = models.JSONField(_("Bcc added by policies"), default=list)

    # The gates: a time before which it may not leave, and the ordinal of the gate it waits for (0: none is left).
    not_before = models.DateTimeField(null=True)
    stage = models.PositiveSmallIntegerField(default=0)
    # Set when nothing but the clock is missing; the dispatcher claims what is due.
    release_at = models.DateTimeField(_("leaves at"), null=True)
    paused_at = models.DateTimeField(_("paused at"), null=True)
    deadline_at = models.DateTimeField(_("decide by"), null=True)
    remind_at = models.DateTimeField(null=True)
    deadline_seconds = models.PositiveIntegerField(default=0)  # how long each stage may take

    # Delivery. A lease holds as long as its token stands here; `next_attempt_at` is when the bell rings again.
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    lease_token = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    screen_attempts = models.PositiveSmallIntegerField(default=0)

    # How it ended, in words for people: a reason code and a comment of the one who decided.
    ended_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    end_reason = models.CharField(max_length=30, blank=True)
    end_comment = models.TextField(blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes = (
            models.Index(
                fields=["release_at"], name="hold_due", condition=Q(state="held", release_at__isnull=False)
            ),
            models.Index(fields=["next_attempt_at"], name="hold_attempt_due", condition=Q(state="queued")),
            models.Index(fields=["leased_until"], name="hold_sending", condition=Q(state="sending")),
            models.Index(
                fields=["deadline_at"],
                name="hold_deadline",
                condition=Q(state="held", deadline_at__isnull=False),
            ),
            models.Index(
                fields=["remind_at"], name="hold_reminder", condition=Q(state="held", remind_at__isnull=False)
            ),
            models.Index(fields=["changed_at"], name="hold_rescreen", condition=Q(state="received")),
            models.Index(fields=["sender", "-id"], name="hold_by_sender"),
            models.Index(fields=["state", "-id"], name="hold_by_state"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=HoldState.values), name="hold_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "sending"]) | Q(stage=0),
                name="hold_leaves_with_all_gates_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_token__isnull=False), name="hold_sends_under_a_lease"
            ),
            models.CheckConstraint(
                condition=~Q(state="queued") | Q(next_attempt_at__isnull=False), name="hold_queued_has_a_bell"
            ),
            models.CheckConstraint(
                condition=Q(release_at__isnull=True) | Q(stage=0), name="hold_time_runs_after_last_gate"
            ),
            models.CheckConstraint(
                condition=Q(release_at__isnull=True)
                | Q(not_before__isnull=True)
                | Q(release_at__gte=F("not_before")),
                name="hold_keeps_its_delay",
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class HoldRecipient(models.Model):
    """Says which hold a recipient belongs to: exactly one, from screening on."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="recipient_links")
    recipient = models.OneToOneField(Recipient, models.PROTECT, primary_key=True, related_name="hold_link")

    class Meta:
        verbose_name = _("recipient of a hold")
        verbose_name_plural = _("recipients of holds")

    def __str__(self) -> str:
        return f"{self.hold_id}/{self.recipient_id}"


class Gate(models.Model):
    """Something that somebody must do before a hold may leave. Gates open in the order of their ordinals."""

    class Kind(models.TextChoices):
        """What opens it."""

        SELF_CHECK = "self_check", _("self-check by the sender")
        APPROVAL = "approval", _("approval")

    hold = models.ForeignKey(Hold, models.CASCADE, related_name="gates", verbose_name=_("hold"))
    ordinal = models.PositiveSmallIntegerField(_("order"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    needed = models.PositiveSmallIntegerField(_("approvals needed"), default=1)
    allow_self = models.BooleanField(_("own mail allowed"), default=False)
    # The revision for which it was opened; for any other revision it is shut.
    opened_for = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(_("opened at"), null=True)

    class Meta:
        verbose_name = _("gate")
        verbose_name_plural = _("gates")
        ordering = ("ordinal",)
        constraints = (
            models.UniqueConstraint(fields=["hold", "ordinal"], name="gate_ordinal_once"),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="gate_ordinal_from_one"),
            models.CheckConstraint(condition=Q(needed__gte=1), name="gate_needs_somebody"),
            models.CheckConstraint(
                condition=Q(opened_for__isnull=True, opened_at__isnull=True)
                | Q(opened_for__isnull=False, opened_at__isnull=False),
                name="gate_opened_with_a_revision",
            ),
        )

    def __str__(self) -> str:
        return f"{self.hold_id}/{self.ordinal}"


class GateApprover(models.Model):
    """A person who may open a gate."""

    gate = models.ForeignKey(Gate, models.CASCADE, related_name="approvers")
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("approver")
        verbose_name_plural = _("approvers")
        constraints = (models.UniqueConstraint(fields=["gate", "person"], name="gate_approver_once"),)

    def __str__(self) -> str:
        return f"{self.gate_id}/{self.person_id}"


class Decision(models.Model):
    """What one person decided about one revision. An undone decision stays, with the time of its undoing."""

    class Verdict(models.TextChoices):
        """Yes or no."""

        APPROVE = "approve", _("approved")
        REJECT = "reject", _("rejected")

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="decisions")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    ordinal = models.PositiveSmallIntegerField()
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("person"))
    verdict = models.CharField(_("verdict"), max_length=7, choices=Verdict.choices)
    reason = models.CharField(_("reason"), max_length=30, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    decided_at = models.DateTimeField(_("decided at"))
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = (
            models.UniqueConstraint(
                fields=["hold", "revision", "ordinal", "person"],
                condition=Q(undone_at__isnull=True),
                name="decision_once_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.hold_id}: {self.verdict}"


class Link(models.Model):
    """A link in a mail: for one hold, one revision, one person, a set of actions, a time. Only its hash is stored."""

    class Purpose(models.TextChoices):
        """What may be done with it."""

        DECIDE = "decide", _("approve or reject")
        SENDER = "sender", _("cancel, pause, send now, confirm")
        UNDO = "undo", _("take an approval back")

    token_hash = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    hold = models.ForeignKey(Hold, models.CASCADE, related_name="links")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="+")
    # The sender of a mail may be no person of the directory: then the link is for the address.
    address = models.CharField(max_length=320, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self) -> str:
        return f"{self.hold_id}: {self.purpose}"


class Notice(models.Model):
    """A mail of our own that is to be sent. Only what it is about is kept; the text is made when it is sent."""

    class Kind(models.TextChoices):
        """The folders in templates/mail."""

        APPROVAL_REQUEST = "approval_request", _("approval request")
        SENDING_SOON = "sending_soon", _("before sending")
        SELF_CHECK = "self_check", _("self-check request")
        WAITING_FOR_APPROVAL = "waiting_for_approval", _("waiting for approval")
        SENT = "sent", _("sent")
        REJECTED = "rejected", _("rejected")
        REMINDER = "reminder", _("reminder")
        EXPIRED = "expired", _("expired")
        RETURNED = "returned", _("returned by policy")
        NOT_DELIVERED = "not_delivered", _("not delivered")
        OUTCOME_UNKNOWN = "outcome_unknown", _("outcome unknown")
        APPROVAL_RECEIPT = "approval_receipt", _("receipt of an approval")
        NOTIFIED = "notified", _("notice that a policy asks for")

    class State(models.TextChoices):
        """How far it has come."""

        # Recipients wait and fail in other words.
        WAITING = "waiting", pgettext_lazy("notice", "waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", pgettext_lazy("notice", "failed")
        OBSOLETE = "obsolete", _("no longer needed")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="notices", verbose_name=_("hold"))
    person = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+", verbose_name=_("person"))
    address = models.CharField(_("address"), max_length=320)
    # Recipient ids for reports of failure, the ordinal of the gate for those who are asked to open it.
    about = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("created at"))
    sent_at = models.DateTimeField(_("sent at"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    leased_until = models.DateTimeField(null=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = (
            models.Index(fields=["next_attempt_at"], name="notice_due", condition=Q(state="waiting")),
            models.Index(fields=["hold", "id"], name="notice_by_hold"),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.hold_id}"


class ThreadEntry(models.Model):
    """Finds the message that a reply names, by the beginning of the SHA-256 of its Message-ID.

    Kept from the moment on at which a policy compares replies with what they answer.
    """

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="+")
    digest = models.BinaryField(max_length=16)

    class Meta:
        verbose_name = _("thread entry")
        verbose_name_plural = _("thread entries")
        indexes = (models.Index(fields=["digest"], name="thread_by_digest"),)

    def __str__(self) -> str:
        return str(self.message_id)


class PolicyMatch(models.Model):
    """A policy that matched for recipients of a hold when it was screened; what the figures of policies are made of.

    A policy is named by its number alone: figures of one that is gone are nobody's, but mail must never wait for that.
    """

    class Outcome(models.IntegerChoices):
        """What becomes of the copies; where the policy only watches, what would if it acted. From mild to strict."""

        SENT = 0, _("sent at once")
        WAITS = 1, _("waits for its sender or a time")
        APPROVAL = 2, _("waits for approval")
        RETURNED = 3, _("returned")
        DISCARDED = 4, _("discarded")

    class Effect(models.IntegerChoices):
        """What the policy changes; where it only watches, what it would."""

        NONE = 0, _("other policies ask for as much")
        CHANGES = 1, _("is treated otherwise")
        KEEPS = 2, _("would be sent at once without it")
        FREES = 3, _("is sent at once by it")
        ENDS = 4, _("no policy after it was asked")

    pk = models.CompositePrimaryKey("hold_id", "policy_id")
    hold = models.ForeignKey(Hold, models.CASCADE, related_name="policy_matches", db_index=False)
    policy_id = models.BigIntegerField()
    # When the message came, where the installation is.
    day = models.DateField()
    watched = models.BooleanField()
    # One row of each message and policy is counted, and its values are those of the whole message.
    counts = models.BooleanField()
    outcome = models.PositiveSmallIntegerField(choices=Outcome.choices)
    effect = models.PositiveSmallIntegerField(choices=Effect.choices)

    class Meta:
        verbose_name = _("match of a policy")
        verbose_name_plural = _("matches of policies")
        # All that is counted stands in it, so that the rows themselves need not be read.
        indexes = (
            models.Index(
                fields=["policy_id", "day", "counts", "watched", "outcome", "effect"],
                name="policy_match_counts",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(outcome__lte=4), name="policy_match_outcome_is_known"),
            models.CheckConstraint(condition=Q(effect__lte=4), name="policy_match_effect_is_known"),
        )

    def __str__(self) -> str:
        return f"{self.policy_id}: {self.hold_id}"


class MailCount(models.Model):
    """How many messages of one day were screened together: what the shares of policies are shares of.

    Screening only adds rows, so that workers never wait for each other; of a day that is over one is left (`counting`).
    """

    day = models.DateField()
    messages = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("count of mail")
        verbose_name_plural = _("counts of mail")
        indexes = (models.Index(fields=["day", "messages"], name="mail_count_by_day"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.messages}"
