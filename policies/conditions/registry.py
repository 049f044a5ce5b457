"""Every kind of condition, in the order in which forms and documentation list them."""

from policies.conditions import (
    added_recipient,
    attachment_content,
    attachment_count,
    attachment_forgotten,
    attachment_is,
    attachment_name,
    attachment_size,
    attachment_type,
    author_differs,
    company_count,
    company_named,
    confidentiality_mark,
    content_not_inspected,
    dictionary,
    empty_subject,
    external_count,
    first_mail,
    has_attachment,
    header,
    importance,
    language,
    look_alike,
    mail_service,
    malware,
    manager_missing,
    message_is,
    office_time,
    own_private_address,
    pattern,
    personal_data,
    recipient_count,
    recipient_domain,
    recipient_is,
    recipient_list,
    recipient_missing,
    recipients_by_field,
    reply_to_differs,
    salutation,
    sender_connection,
    sender_department,
    sender_is,
    sender_joined,
    sender_role,
    size,
    words,
)
from policies.conditions.kind import ConditionKind
from policies.exceptions import UnknownKindError
from policies.verdict import Text

# What administrators choose from, under the heading under which they would look for it.
CONDITION_GROUPS: tuple[tuple[Text, tuple[ConditionKind, ...]], ...] = (
    (
        Text("宛先(宛先ごとに判定)", "Recipients (asked for each of them)"),
        (
            recipient_is.KIND,
            recipient_domain.KIND,
            recipient_list.KIND,
            mail_service.KIND,
            own_private_address.KIND,
            first_mail.KIND,
            look_alike.KIND,
            added_recipient.KIND,
        ),
    ),
    (
        Text("宛先の顔ぶれと数", "Who and how many the recipients are"),
        (
            recipient_missing.KIND,
            manager_missing.KIND,
            recipient_count.KIND,
            external_count.KIND,
            recipients_by_field.KIND,
            company_count.KIND,
        ),
    ),
    (
        Text("送信者", "Sender"),
        (
            sender_is.KIND,
            sender_department.KIND,
            sender_role.KIND,
            sender_joined.KIND,
            sender_connection.KIND,
            author_differs.KIND,
            reply_to_differs.KIND,
        ),
    ),
    (
        Text("件名・本文・内容", "Subject, body and what they hold"),
        (
            words.KIND,
            dictionary.KIND,
            pattern.KIND,
            empty_subject.KIND,
            salutation.KIND,
            company_named.KIND,
            attachment_forgotten.KIND,
            personal_data.KIND,
            confidentiality_mark.KIND,
        ),
    ),
    (
        Text("添付", "Attachments"),
        (
            has_attachment.KIND,
            attachment_count.KIND,
            attachment_name.KIND,
            attachment_type.KIND,
            attachment_content.KIND,
            attachment_size.KIND,
            attachment_is.KIND,
            content_not_inspected.KIND,
            malware.KIND,
        ),
    ),
    (
        Text("メール全体と時間帯", "The message, and when it is sent"),
        (
            header.KIND,
            importance.KIND,
            message_is.KIND,
            language.KIND,
            size.KIND,
            office_time.KIND,
        ),
    ),
)

CONDITION_KINDS: tuple[ConditionKind, ...] = tuple(kind for _, kinds in CONDITION_GROUPS for kind in kinds)

_BY_CODE = {kind.code: kind for kind in CONDITION_KINDS}


def condition_kind(code: str) -> ConditionKind:
    """Return the kind named `code`, or raise UnknownKindError."""
    try:
        return _BY_CODE[code]
    except KeyError:
        raise UnknownKindError("condition", code) from None
