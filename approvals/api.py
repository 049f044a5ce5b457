"""The HTTP API, for scripts (docs/api.md). Bearer keys, problem+json (RFC 9457), OpenAPI document.

Every endpoint loads with permission and calls the same flow as the page beside it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from approvals import reading
from approvals.api_marks import mark_rows
from approvals.exceptions import (
    AlreadyDecided,
    Edited,
    NotAllowed,
    NotApprover,
    OwnMail,
    Refused,
    SecondFactorMissing,
    TooLate,
    WrongInput,
)
from approvals.flows import cancel, decide, discard
from approvals.marking import marks_of_hold
from approvals.models import Hold
from approvals.people import is_administrator, is_sender, may_see
from approvals.states import HoldState
from approvals.trying import failures
from approvals.views.pages import queue_of
from audit.history import history
from audit.record import Actor
from mailhold.directory import api_keys
from mailhold.directory.models import Person
from mailhold.errors import is_storage_failure
from mailhold.mailstore.content import read_content
from mailhold.mailstore.exceptions import ContentUnreadable
from mailhold.mime.parse import parse
from policies import files
from policies.documents import LARGEST_FILE, Problem as FileProblem
from policies.languages import in_active_language
from policies.refusals import ProposalRefused
from policies.rights import may_administer, may_look

logger = logging.getLogger(__name__)

PAGE = 50
PROBLEM_TYPE = "application/problem+json"

# Which status an answer of a flow has over HTTP.
STATUSES: dict[type[Refused], int] = {
    AlreadyDecided: 409,
    Edited: 409,
    TooLate: 409,
    OwnMail: 403,
    NotApprover: 403,
    NotAllowed: 403,
    WrongInput: 422,
}


class BearerKey(HttpBearer):
    """An API key in the Authorization field (RFC 6750 2.1)."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """Return whose key it is, None for a wrong one or somebody who left."""
        return api_keys.person_for(token)


class Flaw(Schema):
    """What is wrong in a file, and the line, counted from 1."""

    line: int
    detail: str


class Problem(Schema):
    """Why a request was not carried out (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="For people, in the language of Accept-Language")
    code: str = Field(description="For programs, such as already_decided")
    errors: list[Flaw] = Field([], description="For files: every line with a problem")


class Api(NinjaAPI):
    """The API, whose document says of every operation how problems are told."""

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        """Return where the API begins: its addresses are among those of `approvals`."""
        return reverse("approvals:api:api-root")

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Return the beginning of an answer: none is to be kept by anybody on its way."""
        response = super().create_temporal_response(request)
        response["Cache-Control"] = "no-store"
        return response

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Return the document."""
        document = super().get_openapi_schema(**where)
        parts = document["components"]
        parts["schemas"]["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts["schemas"] |= parts["schemas"]["Problem"].pop("$defs")
        content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        parts["responses"] = {"Problem": {"description": "A problem (RFC 9457)", "content": content}}
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
        return document


api = Api(
    title="mailhold",
    version="1",
    auth=BearerKey(),
    urls_namespace="api",
    docs_url=None,
    description="Read and decide on held mail. Times are UTC, ISO 8601. Lists walk by key: follow `next`.",
)


class RecipientOut(Schema):
    """One recipient of a hold."""

    address: str
    internal: bool
    field: str = Field(description="to, cc or bcc: how the mail names it when it leaves")
    by_policy: bool = Field(description="Added by a policy; the sender has not written to it")
    status: str
    reply: str


class HoldOut(Schema):
    """A hold in a list."""

    id: UUID
    message_id: UUID
    revision_id: UUID
    state: str
    subject: str
    sender: str = Field(description="Address of whoever answers for the mail")
    held_at: datetime
    release_at: datetime | None
    deadline_at: datetime | None
    reasons: list[dict[str, Any]]
    policy_version: int


class MarkOut(Schema):
    """A place in the mail that a reason speaks of. Characters are Unicode characters, counted from 0."""

    reason: int = Field(description="Which of `reasons`, counted from 0")
    place: str = Field(
        description="subject, body, attachment (within it), file (the attachment itself), recipient"
    )
    start: int | None = Field(None, description="In subject or body: the first character")
    end: int | None = Field(None, description="In subject or body: the character after the last one")
    name: str | None = Field(None, description="The name of the attachment, or the address")
    times: int | None = Field(None, description="Within an attachment: at how many places")


class HoldDetail(HoldOut):
    """A hold with what is needed to decide on it."""

    recipients: list[RecipientOut]
    approvers: list[str]
    body: str | None = Field(
        description="The text; null where the content cannot be opened, or only with a second factor"
    )
    attachments: list[str]
    marks: list[MarkOut] = Field(
        description="Where in this mail the reasons are; empty where the text is not given"
    )
    subject_tags: list[str] = Field(description="Put before the subject when the mail leaves")
    added_headers: list[str] = Field(description="Header fields put above the mail when it leaves")


class HoldList(Schema):
    """A page of holds, the newest first; `next` is the `before` of the following page, null on the last one."""

    items: list[HoldOut]
    next: UUID | None


class DecisionIn(Schema):
    """Which revision was seen; for a rejection also why."""

    revision_id: UUID
    reason: str = Field("", description="wrong_recipient, wrong_attachment, content, other, or empty")
    comment: str = Field("", max_length=1000)


class EventOut(Schema):
    """One event of a message's history."""

    at: datetime
    tag: str
    who: str
    how: str
    sentence: str


class PolicyResult(Schema):
    """What a policy file changed."""

    version: int = Field(description="The version in force")
    waits: bool = Field(description="Whether the change waits for a second administrator")
    created: list[str]
    changed: list[str]
    removed: list[str]


# A policy file as it goes in and comes out.
_YAML: dict[str, Any] = {"content": {"application/yaml": {"schema": {"type": "string"}}}}


class Me(Schema):
    """Whose key this is."""

    address: str
    name: str
    administrator: bool


@api.get("/me", response=Me)
def me(request: HttpRequest) -> dict[str, Any]:
    """Say whose key this is."""
    person = _person(request)
    return {"address": person.email, "name": str(person), "administrator": is_administrator(person)}


@api.get("/holds", response=HoldList)
def list_holds(
    request: HttpRequest,
    scope: Annotated[
        str, Field(description="mine: own mail; queue: waits for me; all: for administrators")
    ] = "mine",
    state: Annotated[str, Field(description="One of the states of a hold")] = "",
    before: UUID | None = None,
) -> dict[str, Any]:
    """List holds, the newest first."""
    person = _person(request)
    holds = _holds_in(scope, person)
    if state:
        holds = holds.filter(state=_known_state(state))
    if before is not None:
        holds = holds.filter(pk__lt=before)
    page = list(holds.select_related("sender").order_by("-id")[: PAGE + 1])
    following = page[PAGE - 1].pk if len(page) > PAGE else None
    return {"items": [_hold_out(hold) for hold in page[:PAGE]], "next": following}


@api.get("/holds/{hold_id}", response=HoldDetail)
def read_hold(request: HttpRequest, hold_id: UUID) -> dict[str, Any]:
    """Read a hold with its recipients, its text and the names of its attachments."""
    return _detail(request, _hold_for(request, hold_id))


@api.post("/holds/{hold_id}/approve", response=HoldDetail)
def approve(request: HttpRequest, hold_id: UUID, decision: DecisionIn) -> dict[str, Any]:
    """Approve a revision. Nobody approves his own mail."""
    hold = _hold_for(request, hold_id)
    _refuse_without_second_factor(hold)
    now = timezone.now()
    approved = decide.approve(hold.pk, decision.revision_id, _person(request), _actor(request), now)
    return _detail(request, approved)


@api.post("/holds/{hold_id}/reject", response=HoldDetail)
def reject(request: HttpRequest, hold_id: UUID, decision: DecisionIn) -> dict[str, Any]:
    """Reject a revision: the sender gets the mail back with the reason."""
    hold = _hold_for(request, hold_id)
    _refuse_without_second_factor(hold)
    return _detail(
        request,
        decide.reject(
            hold.pk,
            decision.revision_id,
            _person(request),
            _actor(request),
            timezone.now(),
            reason=decision.reason,
            comment=decision.comment,
        ),
    )


@api.post("/holds/{hold_id}/cancel", response=HoldDetail)
def cancel_hold(request: HttpRequest, hold_id: UUID) -> dict[str, Any]:
    """Cancel own mail: it never leaves."""
    hold = _own_hold(request, hold_id)
    return _detail(request, cancel.cancel(hold.pk, _person(request), _actor(request), timezone.now()))


@api.post("/holds/{hold_id}/release", response=HoldDetail)
def release(request: HttpRequest, hold_id: UUID, decision: DecisionIn) -> dict[str, Any]:
    """Let a mail leave now: own mail that only waits for the clock, or, for administrators, somebody else's mail."""
    hold = _hold_for(request, hold_id)
    person, actor, now = _person(request), _actor(request), timezone.now()
    _refuse_without_second_factor(hold)
    if is_sender(hold, person):
        return _detail(request, cancel.send_now(hold.pk, decision.revision_id, actor, now))
    return _detail(request, decide.release(hold.pk, decision.revision_id, person, actor, now))


@api.post("/holds/{hold_id}/discard", response=HoldDetail)
def discard_hold(request: HttpRequest, hold_id: UUID) -> dict[str, Any]:
    """Discard a held mail, without a word to its sender; administrators only."""
    hold = _hold_for(request, hold_id)
    discarded = discard.discard(hold.pk, _person(request), _actor(request), timezone.now())
    return _detail(request, discarded)


@api.get("/messages/{message_id}/history", response=list[EventOut])
def read_history(request: HttpRequest, message_id: UUID) -> list[dict[str, Any]]:
    """Read what happened to a message, the oldest first."""
    person = _person(request)
    holds = Hold.objects.filter(message_id=message_id).select_related("message", "sender")
    if not any(may_see(hold, person) for hold in holds):
        raise Http404
    return [
        {"at": row.at, "tag": row.tag, "who": row.who, "how": row.how, "sentence": row.sentence}
        for row in history(message_id)
    ]


@api.put("/policies", response=PolicyResult, openapi_extra={"requestBody": {"required": True, **_YAML}})
def put_policies(request: HttpRequest) -> dict[str, Any]:
    """Replace the policy set by the YAML file in the body; nothing changes where the file has a problem.

    For administrators who may add, change and delete policies.
    """
    if not may_administer(_person(request)):
        raise NotAllowed(_("Only administrators who may add, change and delete policies can do this."))
    if len(request.body) > LARGEST_FILE:
        raise RequestDataTooBig
    text = _utf8(request.body)
    if failing := failures(text, timezone.now()):
        raise WrongFile(failing)
    result = files.apply(text, _actor(request))
    if result.problems:
        raise WrongFile(result.problems)
    return {
        "version": result.version,
        "waits": result.waits,
        "created": list(result.created),
        "changed": list(result.changed),
        "removed": list(result.removed),
    }


@api.get(
    "/policies", openapi_extra={"responses": {200: {"description": "The policies as a policy file", **_YAML}}}
)
def get_policies(request: HttpRequest, in_force: bool = False) -> HttpResponse:
    """Read the policy set as YAML; for administrators who may see policies.

    A change that waits for a second administrator is in it, unless `in_force` leaves it out.
    """
    if not may_look(_person(request)):
        raise NotAllowed(_("Only administrators who may see policies can do this."))
    return HttpResponse(files.export(in_force=in_force), content_type="application/yaml")


class WrongFile(WrongInput):
    """A policy file that cannot be used; nothing was changed."""

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__(_("The policy file cannot be used. Nothing was changed."))
        self.flaws = [
            {"line": problem.line, "detail": in_active_language(problem.text)} for problem in problems
        ]


@api.exception_handler(Refused)
def _on_refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    more = {"errors": refusal.flaws} if isinstance(refusal, WrongFile) else {}
    status = next((STATUSES[kind] for kind in type(refusal).__mro__ if kind in STATUSES), 400)
    return _problem(status, str(refusal), refusal.code, **more)


@api.exception_handler(ProposalRefused)
def _on_refused_change(request: HttpRequest, refusal: ProposalRefused) -> HttpResponse:
    return _problem(409, str(refusal), refusal.code)


@api.exception_handler(Http404)
def _on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _problem(404, _("There is no such thing, or it is not yours to see."), "not_found")


@api.exception_handler(AuthenticationError)
def _on_unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = _problem(401, _("An API key is needed: Authorization: Bearer KEY."), "unauthorized")
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(RequestDataTooBig)
def _on_too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    sentence = _("This is too large; a policy file has at most %(kib)d KiB.") % {"kib": LARGEST_FILE // 1024}
    return _problem(413, sentence, "too_large")


@api.exception_handler(HttpError)
def _on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _problem(error.status_code, str(error), "wrong_input")


@api.exception_handler(ValidationError)
def _on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [".".join(map(str, problem["loc"])) + ": " + str(problem["msg"]) for problem in error.errors]
    return _problem(422, "; ".join(fields), "wrong_input")


@api.exception_handler(Exception)
def _on_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer what nobody expected. The log says what it was; the caller learns nothing of the inside."""
    logger.error("a request to the API failed", exc_info=error, extra={"path": request.path})
    if not is_storage_failure(error):
        return _problem(500, _("Something went wrong in mailhold; its log says what."), "error")
    sentence = _("The database cannot be reached. Nothing was changed. Please try again in a minute.")
    response = _problem(503, sentence, "unavailable")
    response["Retry-After"] = "60"
    return response


def _problem(status: int, detail: str, code: str, **more: Any) -> JsonResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code, **more)
    return JsonResponse(problem.model_dump(), status=status, content_type=PROBLEM_TYPE)


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WrongInput(_("The policy file is not UTF-8.")) from error


def _person(request: HttpRequest) -> Person:
    person: Person = request.auth  # type: ignore[attr-defined]
    return person


def _actor(request: HttpRequest) -> Actor:
    return Actor(
        address=_person(request).email,
        channel="api",
        ip_address=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )


def _hold_for(request: HttpRequest, hold_id: UUID) -> Hold:
    hold = get_object_or_404(Hold.objects.select_related("message", "sender", "revision"), pk=hold_id)
    if not may_see(hold, _person(request)):
        raise Http404
    return hold


def _own_hold(request: HttpRequest, hold_id: UUID) -> Hold:
    hold = _hold_for(request, hold_id)
    if not is_sender(hold, _person(request)):
        raise NotAllowed(_("Only the sender can do this."))
    return hold


def _refuse_without_second_factor(hold: Hold) -> None:
    if hold.link_level == "L2":
        # A key is no second factor.
        raise SecondFactorMissing


def _holds_in(scope: str, person: Person) -> QuerySet[Hold]:
    if scope == "mine":
        return Hold.objects.filter(sender=person)
    if scope == "queue":
        return queue_of(person)
    if scope != "all":
        raise WrongInput(_("scope is mine, queue or all."))
    if not is_administrator(person):
        raise NotAllowed(_("Only administrators can list the mail of everybody."))
    return Hold.objects.all()


def _known_state(state: str) -> str:
    if state not in HoldState.values:
        raise WrongInput(_("state is one of %(states)s.") % {"states": ", ".join(HoldState.values)})
    return state


def _hold_out(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.pk,
        "message_id": hold.message_id,
        "revision_id": hold.revision_id,
        "state": hold.state,
        "subject": hold.subject,
        "sender": hold.sender.email if hold.sender else hold.sender_address,
        "held_at": hold.created_at,
        "release_at": hold.release_at,
        "deadline_at": hold.deadline_at,
        "reasons": hold.reasons,
        "policy_version": hold.policy_version,
    }


def _detail(request: HttpRequest, hold: Hold) -> dict[str, Any]:
    hold = Hold.objects.select_related("message", "sender", "revision").get(pk=hold.pk)
    mail, marks = _mail(hold)
    recipients = mail.recipients if mail else reading.shown_recipients(hold, {})
    if hold.link_level == "L2" and not is_sender(hold, _person(request)):
        # A key is no second factor.
        mail, marks = None, []
    return {
        **_hold_out(hold),
        "recipients": [
            {
                "address": r.address,
                "internal": r.internal,
                "field": r.visible or "bcc",
                "by_policy": r.by_policy,
                "status": r.status,
                "reply": r.reply,
            }
            for r in recipients
        ],
        "approvers": [person.email for person in reading.asked_people(hold)],
        "body": mail.body if mail else None,
        "attachments": [attachment.name for attachment in mail.attachments] if mail else [],
        "marks": marks,
        "subject_tags": hold.subject_tags,
        "added_headers": hold.added_headers,
    }


def _mail(hold: Hold) -> tuple[reading.ShownMail | None, list[dict[str, Any]]]:
    """Return what the mail says with its marks, None where its content cannot be opened: what was asked for has been done."""
    try:
        content = read_content(hold.revision)
    except ContentUnreadable:
        logger.exception("content cannot be opened", extra={"hold_id": str(hold.pk)})
        return None, []
    parsed = parse(content)
    mail = reading.mail_of(hold, content, parsed)
    marks = mark_rows(
        marks_of_hold(hold.marks, hold.revision_id, parsed),
        subject=hold.subject,
        parsed_subject=parsed.subject,
        addresses=[recipient.address for recipient in mail.recipients],
    )
    return mail, marks
