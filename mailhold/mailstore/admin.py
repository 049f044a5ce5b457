"""The administration pages of messages: envelopes and sizes, never content."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.readonly import ReadOnlyAdmin
from mailhold.mailstore.models import Message, Recipient, Revision


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages, newest first; identifiers sort by time."""

    list_display = ("id", "received_at", "reverse_path", "submitter", "status")
    list_filter = ("status", "received_at")
    list_select_related = ("submitter",)
    search_fields = ("reverse_path",)
    identifier_fields = ("id",)
    search_help_text = _("The identifier of a message, or its envelope sender.")
    ordering = ("-id",)
    fields = (
        "id",
        "status",
        "received_at",
        "reverse_path",
        "submitter",
        "peer_address",
        "helo_name",
        "protocol",
        "smtputf8",
        "eightbit",
        "dsn_ret",
        "dsn_envid",
        "trace_header",
        "screen_attempts",
        "screen_leased_until",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave out the key."""
        queryset: QuerySet[Message] = super().get_queryset(request)
        return queryset.defer("wrapped_key")


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyAdmin):
    """Recipients and where their copies are, newest first."""

    list_display = ("address", "status", "reply_code", "enhanced_status", "next_hop", "changed_at", "message")
    list_filter = ("status",)
    search_fields = ("address",)
    identifier_fields = ("message",)
    search_help_text = _("An address, or the identifier of a message.")
    ordering = ("-id",)
    fields = (
        "message",
        "address",
        "status",
        "changed_at",
        "reply_code",
        "enhanced_status",
        "reply_text",
        "next_hop",
        "dsn_notify",
        "dsn_orcpt",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recipient]:
        """Take the message along, which is shown by its identifier."""
        queryset: QuerySet[Recipient] = super().get_queryset(request)
        return queryset.select_related("message").defer("message__wrapped_key", "message__trace_header")


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Revisions: that there was one, from whom and how big; what it says is on the message's page."""

    list_display = ("message", "number", "size", "made_at", "made_by", "digest_digits")
    list_filter = ("made_at",)
    list_select_related = ("message", "made_by")
    search_fields = ("=message__reverse_path",)
    identifier_fields = ("message", "id")
    search_help_text = _("The envelope sender, or the identifier of a message or a revision.")
    ordering = ("-id",)
    fields = ("id", "message", "number", "size", "made_at", "made_by", "digest_digits")

    @admin.display(description=_("SHA-256"))
    def digest_digits(self, revision: Revision) -> str:
        """Return the digest as people compare it."""
        return bytes(revision.digest).hex()
