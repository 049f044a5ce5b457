"""The record: append-only events, and the blocks that chain them."""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from audit.chain import ENTRY_BYTES
from audit.exceptions import RecordIsAppendOnly

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class AppendOnlyQuerySet(models.QuerySet[Row_co]):
    """Rows that are added and read and nothing else. The database's triggers say the same (migration 0002)."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise RecordIsAppendOnly(self.model.__name__)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise RecordIsAppendOnly(self.model.__name__)

    def delete(self) -> NoReturn:
        """Refuse."""
        raise RecordIsAppendOnly(self.model.__name__)


class EventQuerySet(AppendOnlyQuerySet["Event"]):
    """Events, with the one change that the sealer makes."""

    def seal(self, ids: Iterable[int], number: int) -> int:
        """Put the events `ids` that are in no block yet into block `number`; return how many those were."""
        return models.QuerySet.update(self.filter(pk__in=ids, block__isnull=True), block=number)


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new row; refuse to write an old one again."""
        if not self._state.adding:
            raise RecordIsAppendOnly(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise RecordIsAppendOnly(type(self).__name__)


class Event(AppendOnlyModel):
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
    block = models.ForeignKey(
        "Block", models.PROTECT, null=True, related_name="events", verbose_name=_("block")
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("id",)
        indexes = (
            models.Index(fields=["message_id", "id"], name="event_by_message"),
            models.Index(fields=["hold_id", "id"], name="event_by_hold"),
            models.Index(fields=["id"], name="event_unsealed", condition=models.Q(block__isnull=True)),
        )
        constraints = (models.CheckConstraint(condition=~models.Q(tag=""), name="event_has_tag"),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.tag}"


class Block(AppendOnlyModel):
    """A run of events under one hash, linked to the block before it (audit/chain.py says how)."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    previous_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    event_count = models.PositiveIntegerField(_("events"))
    sealed_at = models.DateTimeField(_("sealed at"))
    # The id and the hash of each event, so that verification can name the event and not only the block.
    entries = models.BinaryField()

    objects = AppendOnlyQuerySet["Block"].as_manager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ("number",)
        constraints = (
            models.CheckConstraint(condition=models.Q(number__gte=1), name="block_number_from_1"),
            models.CheckConstraint(
                condition=Exact(Length("previous_hash"), 32), name="block_previous_hash_is_sha256"
            ),
            models.CheckConstraint(condition=Exact(Length("hash"), 32), name="block_hash_is_sha256"),
            models.CheckConstraint(
                condition=Exact(Length("entries"), models.F("event_count") * ENTRY_BYTES),
                name="block_entry_per_event",
            ),
        )

    def __str__(self) -> str:
        return str(self.number)
