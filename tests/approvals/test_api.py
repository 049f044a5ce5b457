import json
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from jsonschema import Draft202012Validator

from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.states import HoldState
from mailhold.directory import api_keys
from mailhold.mailstore.exceptions import ContentUnreadable
from policies import files
from policies.models import PolicyVersion

POLICY_FILE = """
format: 1
policies:
  - key: outside
    name: {ja: 社外, en: Outside}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 2h}]
"""
STRICT = POLICY_FILE.replace("deadline: 2h", "deadline: 2h, link: L2")
BROKEN = POLICY_FILE.replace("kind: recipient_is", "kind: recipient_was")


class Script:
    """A program that holds a key."""

    def __init__(self, key=None, **headers):
        bearer = {"authorization": f"Bearer {key}"} if key else {}
        self._client = Client(
            headers={"accept-language": "en", **bearer, **headers}, raise_request_exception=False
        )

    def get(self, path):
        return self._client.get(f"/api/v1{path}")

    def post(self, path, body=None):
        return self._client.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")

    def send(self, method, path, content, content_type="application/yaml"):
        return self._client.generic(method, f"/api/v1{path}", content, content_type=content_type)


@pytest.fixture
def script():
    return lambda person: Script(api_keys.create(person, "test"))


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def seen(hold):
    return {"revision_id": str(hold.revision_id)}


def assert_problem(response, status, code):
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert problem["title"]
    assert problem["detail"]
    return problem


# --- who may call ------------------------------------------------------------------------------------------------

OPERATIONS = [
    ("GET", "/me"),
    ("GET", "/holds"),
    ("GET", "/holds/{hold}"),
    ("POST", "/holds/{hold}/approve"),
    ("POST", "/holds/{hold}/reject"),
    ("POST", "/holds/{hold}/cancel"),
    ("POST", "/holds/{hold}/release"),
    ("POST", "/holds/{hold}/discard"),
    ("GET", "/messages/{message}/history"),
    ("GET", "/policies"),
    ("PUT", "/policies"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("key", [None, "mh_wrong", "nonsense"])
def test_without_a_good_key_nothing_is_said(key, method, path, needs_manager):
    path = path.format(hold=needs_manager.pk, message=needs_manager.message_id)

    response = Script(key).send(method, path, "{}", "application/json")

    assert_problem(response, 401, "unauthorized")
    assert response["WWW-Authenticate"] == "Bearer"


def test_every_operation_is_in_the_table_above(client):
    document = client.get("/api/v1/openapi.json").json()
    there = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in document["paths"].items()
        for method in operations
    }

    assert there == {
        (method, path.replace("{hold}", "{hold_id}").replace("{message}", "{message_id}"))
        for method, path in OPERATIONS
    }


def test_the_key_of_somebody_who_left_opens_nothing(script, needs_manager, bob):
    bobs = script(bob)
    bob.is_active = False
    bob.save(update_fields=["is_active"])

    assert_problem(bobs.get("/holds"), 401, "unauthorized")


def test_signing_in_to_the_pages_is_no_key(client, bob):
    client.force_login(bob)

    assert client.get("/api/v1/me").status_code == 401


def test_a_key_says_whose_it_is(script, alice, admin):
    assert script(alice).get("/me").json() == {
        "address": "alice@example.test",
        "name": "Alice Archer",
        "administrator": False,
    }
    assert script(admin).get("/me").json()["administrator"] is True


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for method, path in OPERATIONS if "{" in path],
)
def test_what_is_not_mine_to_see_is_not_there(method, path, script, needs_manager, mallory):
    path = path.format(hold=needs_manager.pk, message=needs_manager.message_id)

    response = script(mallory).send(method, path, json.dumps(seen(needs_manager)), "application/json")

    assert_problem(response, 404, "not_found")
    needs_manager.refresh_from_db()
    assert (needs_manager.state, needs_manager.stage) == (HoldState.HELD, 1)


def test_what_never_was_looks_the_same(script, needs_manager, mallory):
    other = script(mallory).get(f"/holds/{needs_manager.pk}").json()

    assert script(mallory).get(f"/holds/{uuid4()}").json() == other


# --- reading ---------------------------------------------------------------------------------------------------


def test_a_hold_is_read_with_what_is_needed_to_decide(script, needs_manager, bob):
    hold = script(bob).get(f"/holds/{needs_manager.pk}").json()

    assert hold["state"] == "held"
    assert hold["subject"] == "Offer"
    assert hold["sender"] == "alice@example.test"
    assert hold["revision_id"] == str(needs_manager.revision_id)
    assert hold["approvers"] == ["bob@example.test"]
    assert hold["body"].strip() == "Hello."
    assert hold["attachments"] == ["offer.pdf"]
    assert hold["reasons"][0]["text"].keys() == {"ja", "en"}
    assert hold["recipients"] == [
        {
            "address": "customer@client.example",
            "internal": False,
            "field": "to",
            "by_policy": False,
            "status": "waiting",
            "reply": "",
        }
    ]
    assert (hold["subject_tags"], hold["added_headers"]) == ([], [])


def test_answers_are_not_kept_on_their_way(script, needs_manager, bob):
    assert script(bob).get(f"/holds/{needs_manager.pk}")["Cache-Control"] == "no-store"


def test_lists_hold_what_is_asked_for(script, one_hold, needs_manager, alice, bob, admin):
    only_clock = one_hold(person=alice)
    mine, bobs = script(alice), script(bob)

    assert ids(mine.get("/holds")) == [only_clock.pk, needs_manager.pk]
    assert ids(mine.get("/holds?scope=queue")) == []
    assert ids(bobs.get("/holds?scope=queue")) == [needs_manager.pk]
    assert ids(bobs.get("/holds")) == []
    assert ids(script(admin).get("/holds?scope=all")) == [only_clock.pk, needs_manager.pk]
    assert ids(mine.get("/holds?state=held")) == [only_clock.pk, needs_manager.pk]
    assert ids(mine.get("/holds?state=canceled")) == []


def ids(response):
    assert response.status_code == 200
    return [UUID(item["id"]) for item in response.json()["items"]]


def test_only_administrators_list_everything(script, alice):
    assert_problem(script(alice).get("/holds?scope=all"), 403, "not_allowed")


@pytest.mark.parametrize(
    "query", ["scope=everything", "state=lost", "before=yesterday", "scope=", "state=%00"]
)
def test_a_question_that_makes_no_sense_is_refused(query, script, alice):
    assert_problem(script(alice).get(f"/holds?{query}"), 422, "wrong_input")


def test_lists_walk_by_key_beyond_fifty(script, accept, alice, now):
    from approvals.flows.screen import screen

    screen([accept(person=alice, subject=f"No. {number}") for number in range(52)], now)
    mine = script(alice)

    first = mine.get("/holds").json()
    second = mine.get(f"/holds?before={first['next']}").json()

    assert (len(first["items"]), len(second["items"])) == (50, 2)
    assert second["next"] is None
    subjects = [item["subject"] for page in (first, second) for item in page["items"]]
    assert sorted(subjects) == sorted(f"No. {number}" for number in range(52))


def test_exactly_fifty_are_one_page(script, accept, alice, now):
    from approvals.flows.screen import screen

    screen([accept(person=alice) for _ in range(50)], now)

    page = script(alice).get("/holds").json()

    assert (len(page["items"]), page["next"]) == (50, None)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_history_is_read_in_the_language_of_the_request(language, needs_manager, bob):
    key = api_keys.create(bob, "test")
    response = Script(key, **{"accept-language": language}).get(
        f"/messages/{needs_manager.message_id}/history"
    )

    events = response.json()
    assert [event["tag"] for event in events] == [
        "message:gateway:accepted",
        "message:policy:screened",
        "hold:policy:held",
    ]
    sentences = "".join(event["sentence"] for event in events)
    assert sentences.isascii() == (language == "en")


# --- deciding ---------------------------------------------------------------------------------------------------


def test_an_approval_opens_the_gate(script, needs_manager, bob):
    response = script(bob).post(f"/holds/{needs_manager.pk}/approve", seen(needs_manager))

    assert response.status_code == 200
    assert response.json()["release_at"] is not None
    assert response.json()["approvers"] == []
    assert needs_manager.decisions.get().person == bob


def test_the_record_says_that_a_key_did_it(script, needs_manager, bob):
    from audit.models import Event

    script(bob).post(f"/holds/{needs_manager.pk}/approve", seen(needs_manager))

    event = Event.objects.filter(message_id=needs_manager.message_id).latest("id")
    assert (event.actor, event.channel) == ("bob@example.test", "api")


def test_a_rejection_keeps_its_reason(script, needs_manager, bob):
    body = {**seen(needs_manager), "reason": "content", "comment": "No\0t this price."}

    response = script(bob).post(f"/holds/{needs_manager.pk}/reject", body)

    assert response.json()["state"] == "rejected"
    needs_manager.refresh_from_db()
    assert (needs_manager.end_reason, needs_manager.end_comment) == ("content", "Not this price.")


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_own_mail_is_not_decided(verb, script, needs_manager, alice):
    assert_problem(
        script(alice).post(f"/holds/{needs_manager.pk}/{verb}", seen(needs_manager)), 403, "own_mail"
    )


def test_who_is_not_asked_does_not_decide(script, needs_manager, admin):
    assert_problem(
        script(admin).post(f"/holds/{needs_manager.pk}/approve", seen(needs_manager)), 403, "not_approver"
    )


def test_what_was_edited_must_be_read_anew(script, needs_manager, alice, bob, actor, now, later):
    before = seen(needs_manager)
    edit(needs_manager.pk, needs_manager.revision_id, Change(subject="New"), alice, actor(alice), now)
    rescreen(needs_manager.pk, later(1))

    assert_problem(script(bob).post(f"/holds/{needs_manager.pk}/approve", before), 409, "edited")


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_what_is_decided_stays_decided(verb, script, needs_manager, bob):
    bobs = script(bob)
    bobs.post(f"/holds/{needs_manager.pk}/reject", seen(needs_manager))

    assert_problem(
        bobs.post(f"/holds/{needs_manager.pk}/{verb}", seen(needs_manager)), 409, "already_decided"
    )


WRONG_BODIES = [
    ({}, 422),
    ({"revision_id": "1"}, 422),
    ({"revision_id": None}, 422),
    ([], 422),
    ("text", 422),
    ({"comment": "x" * 1001}, 422),
    ({"comment": "\ud800"}, 422),
    ({"reason": "boredom"}, 422),
    ({"reason": 5}, 422),
]


@pytest.mark.parametrize(("body", "status"), WRONG_BODIES)
def test_a_body_that_says_nothing_is_refused(body, status, script, needs_manager, bob):
    if isinstance(body, dict) and body and "revision_id" not in body:
        body = {**body, **seen(needs_manager)}

    response = script(bob).send(
        "POST", f"/holds/{needs_manager.pk}/reject", json.dumps(body), "application/json"
    )

    assert_problem(response, status, "wrong_input")
    needs_manager.refresh_from_db()
    assert needs_manager.state == HoldState.HELD


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"revision_id=1"])
def test_a_body_that_is_no_json_is_refused(body, script, needs_manager, bob):
    response = script(bob).send("POST", f"/holds/{needs_manager.pk}/approve", body, "application/json")

    assert_problem(response, response.status_code, "wrong_input")
    assert response.status_code in {400, 422}


@pytest.mark.parametrize(
    ("who", "verb"), [("bob", "approve"), ("bob", "reject"), ("admin", "release"), ("alice", "release")]
)
def test_a_key_is_no_second_factor(who, verb, policies, script, one_hold, alice, request):
    policies(STRICT)
    hold = one_hold(person=alice)

    response = script(request.getfixturevalue(who)).post(f"/holds/{hold.pk}/{verb}", seen(hold))

    assert_problem(response, 403, "second_factor")
    hold.refresh_from_db()
    assert (hold.state, hold.stage) == (HoldState.HELD, 1)


@pytest.mark.parametrize("who", ["bob", "admin"])
def test_what_is_read_with_a_second_factor_only_is_not_in_an_answer_to_a_key(
    who, policies, script, one_hold, alice, request
):
    policies(STRICT)
    hold = one_hold(person=alice, body="The vault.\n", attach="plan-of-the-vault.pdf")
    key = script(request.getfixturevalue(who))

    answers = [key.get(f"/holds/{hold.pk}")]
    if who == "admin":
        answers.append(key.post(f"/holds/{hold.pk}/discard"))

    for answer in answers:
        assert answer.status_code == 200
        found = answer.json()
        assert (found["body"], found["attachments"]) == (None, [])
        assert [row["field"] for row in found["recipients"]] == ["to"]
        assert "vault" not in answer.content.decode()


def test_a_sender_reads_by_key_what_others_read_with_a_second_factor_only(policies, script, one_hold, alice):
    policies(STRICT)
    hold = one_hold(person=alice, body="The vault.\n", attach="plan.pdf")

    found = script(alice).get(f"/holds/{hold.pk}").json()

    assert (found["body"], found["attachments"]) == ("The vault.\n", ["plan.pdf"])


def test_a_sender_cancels_once(script, one_hold, alice):
    hold = one_hold(person=alice)
    mine = script(alice)

    assert mine.post(f"/holds/{hold.pk}/cancel").json()["state"] == "canceled"
    assert_problem(mine.post(f"/holds/{hold.pk}/cancel"), 409, "already_decided")


def test_nobody_cancels_the_mail_of_others(script, needs_manager, bob, admin):
    for person in (bob, admin):
        assert_problem(script(person).post(f"/holds/{needs_manager.pk}/cancel"), 403, "not_allowed")


def test_a_refusal_for_a_role_says_whose_it_is_and_not_that_a_policy_forbids_it(script, needs_manager, bob):
    bobs = script(bob)

    canceled = bobs.post(f"/holds/{needs_manager.pk}/cancel")
    released = bobs.post(f"/holds/{needs_manager.pk}/release", seen(needs_manager))
    discarded = bobs.post(f"/holds/{needs_manager.pk}/discard")

    assert assert_problem(canceled, 403, "not_allowed")["detail"] == "Only the sender can do this."
    for answer in (released, discarded):
        assert assert_problem(answer, 403, "not_allowed")["detail"] == "Only administrators can do this."


def test_a_sender_lets_go_what_only_waits_for_the_clock(script, one_hold, alice, now):
    hold = one_hold(person=alice)

    response = script(alice).post(f"/holds/{hold.pk}/release", seen(hold))

    assert response.status_code == 200
    hold.refresh_from_db()
    assert hold.release_at == now


def test_a_sender_lets_nothing_go_that_waits_for_somebody(script, needs_manager, alice):
    assert_problem(
        script(alice).post(f"/holds/{needs_manager.pk}/release", seen(needs_manager)), 403, "not_allowed"
    )


def test_only_administrators_release_and_discard_the_mail_of_others(script, needs_manager, bob):
    for verb in ("release", "discard"):
        assert_problem(
            script(bob).post(f"/holds/{needs_manager.pk}/{verb}", seen(needs_manager)), 403, "not_allowed"
        )


def test_an_administrator_releases_the_mail_of_others(script, needs_manager, admin, now):
    response = script(admin).post(f"/holds/{needs_manager.pk}/release", seen(needs_manager))

    assert response.status_code == 200
    needs_manager.refresh_from_db()
    assert (needs_manager.stage, needs_manager.release_at) == (0, now)


def test_an_administrator_discards(script, needs_manager, admin):
    assert script(admin).post(f"/holds/{needs_manager.pk}/discard").json()["state"] == "discarded"


def test_content_that_cannot_be_opened_can_still_be_discarded(script, needs_manager, admin, monkeypatch):
    def broken(revision):
        raise ContentUnreadable("no key")

    monkeypatch.setattr("approvals.api.read_content", broken)
    admins = script(admin)

    hold = admins.get(f"/holds/{needs_manager.pk}").json()
    assert (hold["body"], hold["attachments"]) == (None, [])
    assert hold["recipients"][0]["address"] == "customer@client.example"
    assert admins.post(f"/holds/{needs_manager.pk}/discard").json()["state"] == "discarded"


# --- policies --------------------------------------------------------------------------------------------------


def test_a_policy_file_goes_in_and_comes_out(policies, script, admin):
    admins = script(admin)
    before = admins.get("/policies")
    assert before["Content-Type"] == "application/yaml"

    result = admins.send("PUT", "/policies", POLICY_FILE).json()

    assert result["created"] == ["outside"]
    assert result["removed"]
    exported = admins.get("/policies").content.decode()
    assert "outside" in exported
    assert admins.send("PUT", "/policies", exported).json()["changed"] == []
    admins.send("PUT", "/policies", before.content)
    assert admins.get("/policies").content == before.content


@pytest.mark.parametrize(("language", "word"), [("en", "Nothing was changed"), ("ja", "変更しませんでした")])
def test_a_policy_file_with_a_wrong_line_changes_nothing(language, word, policies, admin):
    admins = Script(api_keys.create(admin, "test"), **{"accept-language": language})
    before = admins.get("/policies").content

    problem = assert_problem(admins.send("PUT", "/policies", BROKEN), 422, "wrong_input")

    assert word in problem["detail"]
    line = next(number for number, text in enumerate(BROKEN.split("\n"), 1) if "recipient_was" in text)
    assert [flaw["line"] for flaw in problem["errors"]] == [line]
    assert "recipient_was" in problem["errors"][0]["detail"]
    assert admins.get("/policies").content == before


def test_a_policy_file_with_a_test_that_fails_changes_nothing(policies, script, admin):
    admins = script(admin)
    before = admins.get("/policies").content
    test = """
tests:
  - name: nobody waits
    message: {from: alice@example.test, to: customer@client.example}
    expect: release
"""

    problem = assert_problem(admins.send("PUT", "/policies", before.decode() + test), 422, "wrong_input")

    assert "nobody waits" in problem["errors"][0]["detail"]
    assert admins.get("/policies").content == before


def test_a_policy_file_that_is_no_text_is_refused(policies, script, admin):
    problem = assert_problem(script(admin).send("PUT", "/policies", b"\xff\xfe"), 422, "wrong_input")

    assert "UTF-8" in problem["detail"]


@pytest.mark.parametrize("size", [600 * 1024, 3 * 1024 * 1024])
def test_a_policy_file_that_is_too_large_is_refused(size, policies, script, admin):
    response = script(admin).send("PUT", "/policies", b"#" * size)

    assert_problem(response, 413, "too_large")


def test_a_decision_that_is_too_large_is_refused(script, needs_manager, bob):
    body = {**seen(needs_manager), "comment": "x" * 3 * 1024 * 1024}

    assert_problem(script(bob).post(f"/holds/{needs_manager.pk}/reject", body), 413, "too_large")


def test_only_administrators_see_or_change_policies(policies, script, alice):
    assert_problem(script(alice).get("/policies"), 403, "not_allowed")
    assert_problem(script(alice).send("PUT", "/policies", POLICY_FILE), 403, "not_allowed")


def test_a_refused_change_of_the_policies_says_why(policies, script, admin, settings, monkeypatch):
    settings.POLICY_SECOND_ADMINISTRATOR = True
    PolicyVersion.objects.update(frozen="")
    monkeypatch.setattr("policies.files.lock_policies", lambda: None)
    before = files.export()

    problem = assert_problem(script(admin).send("PUT", "/policies", POLICY_FILE), 409, "not_complete")

    assert "mailhold init" in problem["detail"]
    assert files.export() == before


def test_an_administrator_without_rights_to_policies_neither_reads_nor_writes_them(policies, script, staff):
    before = files.export()
    mine = script(staff())

    read, written = mine.get("/policies"), mine.send("PUT", "/policies", POLICY_FILE)

    assert "see policies" in assert_problem(read, 403, "not_allowed")["detail"]
    assert "add, change and delete" in assert_problem(written, 403, "not_allowed")["detail"]
    assert files.export() == before


@pytest.mark.parametrize("right", ["view", "change"])
def test_whoever_may_see_policies_reads_them(right, policies, script, staff):
    assert script(staff(right)).get("/policies").content.decode() == files.export()


@pytest.mark.parametrize(
    "rights", [("view",), ("add", "change"), ("change", "delete", "view"), ("add", "delete", "view")]
)
def test_writing_policies_needs_all_rights(rights, policies, script, staff):
    before = files.export()

    assert_problem(script(staff(*rights)).send("PUT", "/policies", POLICY_FILE), 403, "not_allowed")

    assert files.export() == before


def test_an_administrator_with_all_rights_to_policies_writes_them(policies, script, staff):
    response = script(staff("add", "change", "delete")).send("PUT", "/policies", POLICY_FILE)

    assert response.json()["created"] == ["outside"]


def test_rights_without_being_administrator_open_nothing(policies, script, staff):
    person = staff("add", "change", "delete", "view")
    type(person).objects.filter(pk=person.pk).update(is_staff=False)

    assert_problem(script(person).get("/policies"), 403, "not_allowed")
    assert_problem(script(person).send("PUT", "/policies", POLICY_FILE), 403, "not_allowed")


def test_a_refusal_of_the_list_of_everybody_says_who_may_have_it(script, needs_manager, bob):
    problem = assert_problem(script(bob).get("/holds?scope=all"), 403, "not_allowed")

    assert "Only administrators" in problem["detail"]


# --- what goes wrong -------------------------------------------------------------------------------------------


def test_an_error_tells_nothing_of_the_inside(script, needs_manager, bob, monkeypatch, caplog):
    def broken(*content):
        raise ValueError("secret of the inside")

    monkeypatch.setattr("approvals.reading.mail_of", broken)

    response = script(bob).get(f"/holds/{needs_manager.pk}")

    assert_problem(response, 500, "error")
    assert b"secret" not in response.content
    assert [record.exc_info[1].args for record in caplog.records if record.name == "approvals.api"] == [
        ("secret of the inside",)
    ]


def test_a_database_that_is_away_is_said(script, bob, monkeypatch):
    def away(key):
        raise OperationalError("connection refused")

    bobs = script(bob)
    monkeypatch.setattr("mailhold.directory.api_keys.person_for", away)

    response = bobs.get("/holds")

    assert_problem(response, 503, "unavailable")
    assert response["Retry-After"] == "60"
    assert b"refused" not in response.content


def test_problems_speak_japanese_to_those_who_ask_for_it(db):
    problem = Script(**{"accept-language": "ja"}).get("/holds").json()

    assert "API キー" in problem["detail"]


# --- the document ------------------------------------------------------------------------------------------------


@pytest.fixture
def document(client, db):
    return client.get("/api/v1/openapi.json").json()


def test_the_document_is_openapi(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"].keys() >= {"title", "version"}
    for path, operations in document["paths"].items():
        assert path.startswith("/api/v1/")
        for operation in operations.values():
            named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
            assert {f"{{{name}}}" for name in named} == {part for part in path.split("/") if "{" in part}
            assert all(
                "description" in answer or "$ref" in answer for answer in operation["responses"].values()
            )
            assert operation["operationId"]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_of_the_document_leads_somewhere(document):
    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            node = list(node.values())
        if isinstance(node, list):
            for part in node:
                yield from references(part)

    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        assert target


def test_the_document_says_how_to_sign_in(document):
    ((name, scheme),) = document["components"]["securitySchemes"].items()

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["security"] == [{name: []}]


def test_answers_are_what_the_document_says(document, script, needs_manager, bob):
    bobs = script(bob)
    whole = {"components": document["components"]}
    for path, schema in (
        ("/holds?scope=queue", "HoldList"),
        (f"/holds/{needs_manager.pk}", "HoldDetail"),
        ("/me", "Me"),
    ):
        reference = {"$ref": f"#/components/schemas/{schema}", **whole}
        Draft202012Validator(reference).validate(bobs.get(path).json())
    problem = {"$ref": "#/components/schemas/Problem", **whole}
    Draft202012Validator(problem).validate(bobs.get(f"/holds/{uuid4()}").json())


# --- the whole product ---------------------------------------------------------------------------------------------


def test_a_script_drives_the_whole_product(policies, script, one_hold, alice, bob, admin, mailbox, later):
    from approvals.flows import deliver, release

    mine, bobs, admins = script(alice), script(bob), script(admin)
    assert admins.send("PUT", "/policies", POLICY_FILE).status_code == 200
    for subject in ("approved", "rejected", "canceled", "released", "discarded"):
        one_hold(person=alice, subject=subject)

    waiting = {item["subject"]: item for item in bobs.get("/holds?scope=queue").json()["items"]}
    assert len(waiting) == 5

    def act(who, subject, verb, **more):
        item = bobs.get(f"/holds/{waiting[subject]['id']}").json()
        assert item["body"].strip() == "Hello."
        answer = who.post(f"/holds/{item['id']}/{verb}", {"revision_id": item["revision_id"], **more})
        assert answer.status_code == 200, answer.content
        return answer.json()

    act(bobs, "approved", "approve")
    assert act(bobs, "rejected", "reject", reason="content", comment="No.")["state"] == "rejected"
    assert act(mine, "canceled", "cancel")["state"] == "canceled"
    act(admins, "released", "release")
    assert act(admins, "discarded", "discard")["state"] == "discarded"
    assert bobs.get("/holds?scope=queue").json()["items"] == []

    assert release.claim_due(later(3600)) == 2
    deliver.deliver([waiting[subject]["id"] for subject in ("approved", "released")])
    states = {item["subject"]: item["state"] for item in mine.get("/holds").json()["items"]}
    assert states == {
        "approved": "done",
        "rejected": "rejected",
        "canceled": "canceled",
        "released": "done",
        "discarded": "discarded",
    }
    assert len(mailbox()) == 2
    history = mine.get(f"/messages/{waiting['approved']['message_id']}/history").json()
    assert {"hold:approver:approved", "hold:delivery:done"} <= {event["tag"] for event in history}
