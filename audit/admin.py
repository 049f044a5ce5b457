"""The administration pages of the record: searched by officers, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy as _

from audit.models import Block, Event
from audit.readonly import ReadOnlyAdmin
from audit.sentences import CHANNELS, SENTENCES, channel_name, sentence


class TagFilter(admin.SimpleListFilter):
    """Events of one kind; the choices are read from the code, not from a million rows."""

    title = _("event")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every tag by its sentence."""
        return [(str(tag), str(text)) for tag, text in SENTENCES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the events of the chosen tag."""
        return queryset.filter(tag=self.value()) if self.value() else queryset


class ChannelFilter(admin.SimpleListFilter):
    """Events by the door that was used."""

    title = _("how")
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every channel by its name."""
        return [(channel, str(text)) for channel, text in CHANNELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the events of the chosen channel."""
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Events, newest first."""

    list_display = ("at", "what", "actor", "how", "message_id", "block_number")
    list_filter = (TagFilter, ChannelFilter, "at")
    search_fields = ("actor",)
    identifier_fields = ("message_id", "hold_id")
    search_help_text = _("An address, or the identifier of a message or a hold.")
    ordering = ("-id",)
    fields = (
        "id",
        "at",
        "what",
        "tag",
        "actor",
        "how",
        "ip_address",
        "user_agent",
        "message_id",
        "hold_id",
        "details",
        "block_number",
    )

    @admin.display(description=_("what happened"))
    def what(self, event: Event) -> str:
        """Return the event's sentence."""
        return sentence(event.tag)

    @admin.display(description=_("how"))
    def how(self, event: Event) -> str:
        """Return the channel's name."""
        return channel_name(event.channel)

    @admin.display(description=_("block"))
    def block_number(self, event: Event) -> int | str:
        """Return the number of the block, without asking for the block."""
        return gettext("not sealed yet") if event.block_id is None else event.block_id


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    """Blocks, newest first."""

    list_display = ("number", "event_count", "sealed_at", "hash_digits")
    list_filter = ("sealed_at",)
    ordering = ("-number",)
    fields = ("number", "event_count", "sealed_at", "hash_digits", "previous_hash_digits")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        """Leave out the entries: 40 bytes for each event."""
        queryset: QuerySet[Block] = super().get_queryset(request)
        return queryset.defer("entries")

    @admin.display(description=_("hash"))
    def hash_digits(self, block: Block) -> str:
        """Return the hash as people compare it."""
        return bytes(block.hash).hex()

    @admin.display(description=_("hash of the block before"))
    def previous_hash_digits(self, block: Block) -> str:
        """Return the hash of the block before."""
        return bytes(block.previous_hash).hex()
