"""The record: append-only events, and the blocks that chain them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Something that happened, written in the transaction that made it happen.

    `audit` lies at the ground and knows no other table: what an event is about is named by plain identifiers.
    """

    id = models.BigAutoField(primary_key=True)
    tag = models.CharField(_("event"), max_length=60, help_text=_("One of audit/tags.py."))
    at = models.DateTimeField(_("at"))
    message_id = models.UUIDField(_("message"), null=True)
    hold_id = models.UUIDField(_("hold"), null=True)
    actor = models.CharField(
        _("who"), max_length=320, blank=True, help_text=_("A person's address; empty where the system acted.")
    )
    channel = models.CharField(_("how"), max_length=10, blank=True)
    ip_address = models.CharField(_("IP address"), max_length=45, blank=True)
    user_agent = models.CharField(_("browser"), max_length=300, blank=True)
    details = models.JSONField(_("details"), default=dict)
    # Set once by the sealer; the event is covered by that block from then on.
    block = models.ForeignKey("Block", models.PROTECT, null=True, related_name="events", verbose_name=_("block"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)
        indexes = (
            models.Index(fields=["message_id", "id"], name="event_by_message"),
            models.Index(fields=["hold_id", "id"], name="event_by_hold"),
            models.Index(fields=["id"], name="event_unsealed", condition=models.Q(block__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.tag}"


class Block(models.Model):
    """A run of events under one hash, linked to the block before it."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    event_count = models.PositiveIntegerField(_("events"))
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ("number",)

    def __str__(self) -> str:
        return str(self.number)
