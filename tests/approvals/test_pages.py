import re
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils.html import escape

from approvals import urls
from approvals.flows import cancel, decide
from approvals.flows.edit import Change, edit
from approvals.flows.rescreen import rescreen
from approvals.flows.screen import screen
from approvals.models import Decision, Hold, Link
from approvals.states import HoldState
from mailhold.mailstore.exceptions import ContentUnreadable

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
HTML = (
    "<p style='color:red' onclick='steal()'>Hello.</p><script>steal()</script>"
    "<img src='cid:logo@x'><img src='https://tracker.example/x.png'><form action='https://x.example'></form>"
)


@pytest.fixture(autouse=True)
def _clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def rich_mail(sender="Alice Archer <alice@example.test>", subject="お見積書 Offer"):
    """A mail with everything that pages show: text, HTML, a picture in it, and a file with a Japanese name."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = "Customer <customer@client.example>, bob@example.test"
    message["Subject"] = subject
    message["X-Colour"] = "blue"
    message.set_content("Hello.\n<b>not bold</b>\n")
    message.add_alternative(HTML, subtype="html")
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<logo@x>")
    message.add_attachment(b"<script>figures</script>", "text", "html", filename='見積 "書"; 10%.html')
    return message.as_bytes()


@pytest.fixture
def rich(one_hold, alice):
    return one_hold(person=alice, content=rich_mail())


@pytest.fixture
def signed_in():
    """A browser in which somebody has signed in."""

    def signed_in(person, language="en"):
        type(person).objects.filter(pk=person.pk).update(language=language)
        client = Client(headers={"accept-language": language})
        client.force_login(person)
        return client

    return signed_in


def url(hold, tail=""):
    return f"/m/{hold.pk}/{tail}"


def text(response):
    return response.content.decode()


# --- who may open what -------------------------------------------------------------------------------------------

LOGIN = 302  # to the page for signing in; asserted below
PEOPLE = ("alice", "bob", "carol", "mallory", "admin", None)
# Of a mail of Alice's that waits for Bob: what each of PEOPLE gets.
MATRIX = {
    ("GET", "home"): (200, 200, 200, 200, 200, 200),
    ("POST", "home"): (405, 405, 405, 405, 405, 405),
    ("GET", "queue"): (200, 200, 200, 200, 200, LOGIN),
    ("POST", "queue"): (405, 405, 405, 405, 405, 405),
    ("GET", "my"): (200, 200, 200, 200, 200, LOGIN),
    ("POST", "my"): (405, 405, 405, 405, 405, 405),
    ("GET", "try"): (404, 404, 404, 404, 200, LOGIN),
    ("POST", "try"): (404, 404, 404, 404, 422, LOGIN),
    ("GET", "policy_figures"): (404, 404, 404, 404, 200, LOGIN),
    ("POST", "policy_figures"): (405, 405, 405, 405, 405, 405),
    # Of a policy that there is none of: test_policy_figures.py has some.
    ("GET", "policy_figures_of"): (404, 404, 404, 404, 404, LOGIN),
    ("POST", "policy_figures_of"): (405, 405, 405, 405, 405, 405),
    ("GET", "replays"): (404, 404, 404, 404, 200, LOGIN),
    ("POST", "replays"): (404, 404, 404, 404, 422, LOGIN),
    # Of a replay that there is none of: test_replay_page.py has some.
    ("GET", "replay"): (404, 404, 404, 404, 404, LOGIN),
    ("POST", "replay"): (405, 405, 405, 405, 405, 405),
    ("GET", "cancel_replay"): (405, 405, 405, 405, 405, 405),
    ("POST", "cancel_replay"): (404, 404, 404, 404, 404, LOGIN),
    ("GET", "demo"): (404, 404, 404, 404, 404, 404),
    ("POST", "demo"): (404, 404, 404, 404, 404, 404),
    ("GET", "demo_sign_in"): (404, 404, 404, 404, 404, 404),
    ("POST", "demo_sign_in"): (404, 404, 404, 404, 404, 404),
    ("GET", "demo_send"): (404, 404, 404, 404, 404, 404),
    ("POST", "demo_send"): (404, 404, 404, 404, 404, 404),
    ("GET", "message"): (200, 200, 404, 404, 200, LOGIN),
    ("POST", "message"): (405, 405, 405, 405, 405, 405),
    ("GET", "decide"): (403, 200, 404, 404, 403, LOGIN),
    ("POST", "decide"): (400, 400, 404, 404, 400, LOGIN),
    ("GET", "undo"): (405, 405, 405, 405, 405, 405),
    ("POST", "undo"): (302, 302, 404, 404, 302, LOGIN),
    ("GET", "act"): (200, 404, 404, 404, 404, LOGIN),
    ("POST", "act"): (400, 404, 404, 404, 404, LOGIN),
    ("GET", "edit"): (200, 200, 404, 404, 404, LOGIN),
    ("POST", "edit"): (422, 422, 404, 404, 404, LOGIN),
    ("GET", "html"): (200, 200, 404, 404, 200, LOGIN),
    ("POST", "html"): (405, 405, 405, 405, 405, 405),
    ("GET", "attachment"): (200, 200, 404, 404, 200, LOGIN),
    ("POST", "attachment"): (405, 405, 405, 405, 405, 405),
    ("GET", "eml"): (200, 200, 404, 404, 200, LOGIN),
    ("POST", "eml"): (405, 405, 405, 405, 405, 405),
    ("GET", "administer"): (405, 405, 405, 405, 405, 405),
    ("POST", "administer"): (404, 404, 404, 404, 302, LOGIN),
}
# Behind these stands a token or a key instead of an account: test_links.py and test_api.py.
OTHERWISE = {"link", None}


def address_of(name, hold):
    from django.urls import reverse

    arguments = {"attachment": [hold.pk, 0], "policy_figures_of": [0]}
    with_a_key = {
        "message",
        "decide",
        "undo",
        "act",
        "edit",
        "html",
        "eml",
        "administer",
        "replay",
        "cancel_replay",
    }
    return reverse(f"approvals:{name}", args=arguments.get(name, [hold.pk] if name in with_a_key else []))


@pytest.mark.parametrize(("method", "name"), MATRIX)
def test_everybody_gets_what_the_matrix_says(method, name, rich, alice, bob, carol, mallory, admin, request):
    before = Hold.objects.values().get(pk=rich.pk)
    answers = []
    for who in PEOPLE:
        client = Client()
        if who:
            client.force_login(request.getfixturevalue(who))
        response = client.generic(method, address_of(name, rich))
        answers.append(response.status_code)
        if who is None and response.status_code == LOGIN:
            assert response["Location"].startswith("/accounts/login/?next=/")

    assert tuple(answers) == MATRIX[method, name]
    assert Hold.objects.values().get(pk=rich.pk) == before
    assert not Decision.objects.exists()


def test_the_matrix_names_every_page():
    names = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}

    assert {name for _method, name in MATRIX} | OTHERWISE == names


@pytest.mark.parametrize("tail", ["", "decide", "eml"])
def test_a_mail_that_never_was_looks_like_one_of_others(tail, rich, mallory, signed_in):
    client = signed_in(mallory)

    never_was = uuid4()
    other, never = client.get(url(rich, tail)), client.get(f"/m/{never_was}/{tail}")

    assert other.status_code == never.status_code == 404
    pages = [re.sub(r'value="[^"]*"', "", text(page)) for page in (other, never)]  # tokens and the address
    assert pages[0] == pages[1]


def test_pages_of_a_mail_are_not_kept(rich, alice, signed_in):
    for tail in ("", "html", "eml", "attachments/0", "act"):
        assert "no-store" in signed_in(alice).get(url(rich, tail))["Cache-Control"]


def test_a_form_without_its_token_is_refused(rich, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    response = client.post(url(rich, "decide"), {"decision": "approve", "revision": str(rich.revision_id)})

    assert response.status_code == 403
    assert not Decision.objects.exists()


# --- lists -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("ja", "承認待ち"), ("en", "Waiting for your approval")])
def test_the_start_page_counts_what_waits(language, words, rich, bob, signed_in):
    page = text(signed_in(bob, language).get("/"))

    assert words in page
    assert f'lang="{language}"' in page
    assert "<strong>1</strong>" in page


@pytest.mark.parametrize(("language", "words"), [("ja", "サインイン"), ("en", "Sign in")])
def test_the_start_page_asks_strangers_to_sign_in(language, words, db):
    assert words in text(Client(headers={"accept-language": language}).get("/"))


def test_the_queue_holds_what_is_mine_to_decide_and_nothing_else(
    hold_mail, rich, one_hold, alice, bob, carol, actor, now, signed_in
):
    one_hold(person=alice, subject="Only the clock")
    one_hold(sender="bob@example.test", person=bob, attach="x.pdf", subject="From the boss")
    (decided,) = hold_mail(person=carol, sender="carol@example.test", attach="x.pdf", subject="Decided")
    decide.approve(decided.pk, decided.revision_id, bob, actor(bob), now)

    page = text(signed_in(bob).get("/queue/"))

    assert "お見積書 Offer" in page
    assert url(rich, "decide") in page
    assert not any(subject in page for subject in ("Only the clock", "From the boss", "Decided"))


def test_what_i_approved_leaves_my_queue_while_others_are_still_asked(
    policies, one_hold, alice, bob, carol, actor, now, signed_in
):
    policies(
        """
format: 1
policies:
  - key: two
    name: {ja: 二人, en: Two}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions:
      - {kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test], needed: 2, deadline: 2h}
"""
    )
    hold = one_hold(person=alice, subject="Two must agree")
    decide.approve(hold.pk, hold.revision_id, bob, actor(bob), now)

    assert "Two must agree" not in text(signed_in(bob).get("/queue/"))
    assert "Two must agree" in text(signed_in(carol).get("/queue/"))


def test_the_nearest_deadline_comes_first(hold_mail, alice, bob, later, signed_in):
    for subject, hours in (("third", 30), ("first", 1), ("second", 8)):
        (hold,) = hold_mail(person=alice, attach="x.pdf", subject=subject)
        Hold.objects.filter(pk=hold.pk).update(deadline_at=later(hours * 3600))

    page = text(signed_in(bob).get("/queue/"))

    assert page.index("first") < page.index("second") < page.index("third")


def test_the_queue_walks_by_key_even_when_the_last_row_is_decided(accept, alice, bob, actor, now, signed_in):
    screen([accept(person=alice, attach="x.pdf", subject=f"No. {n:02}") for n in range(52)], now)
    client = signed_in(bob)

    first = client.get("/queue/")
    last = Hold.objects.get(subject="No. 49")
    decide.approve(last.pk, last.revision_id, bob, actor(bob), now)
    second = text(client.get(f"/queue/{first.context['next_url']}"))

    assert first.context["total"] == 52
    assert [row.subject for row in first.context["rows"]] == [f"No. {n:02}" for n in range(50)]
    assert "No. 50" in second
    assert "No. 51" in second
    assert "No. 49" not in second


@pytest.mark.parametrize("place", ["x", "~", "2026-11-24~x", f"2026-11-24T00:00:00~{UUID(int=0)}", "\0"])
def test_a_wrong_place_shows_the_queue_from_its_start(place, rich, bob, signed_in):
    assert "お見積書 Offer" in text(signed_in(bob).get("/queue/", {"after": place}))


def test_my_mail_can_be_narrowed_to_a_state(one_hold, alice, actor, now, signed_in):
    canceled = one_hold(person=alice, subject="Not this one")
    one_hold(person=alice, subject="This one")
    cancel.cancel(canceled.pk, alice, actor(alice), now)
    client = signed_in(alice)

    everything, held, nothing = (
        text(client.get(f"/my/{query}")) for query in ("", "?state=held", "?state=rejected")
    )

    assert "Not this one" in everything
    assert "This one" in everything
    assert "Not this one" not in held
    assert "This one" in held
    assert "No mail in this state." in nothing
    assert "This one" in text(client.get("/my/?state=no-state"))


def test_my_mail_is_mine(rich, bob, signed_in):
    assert "お見積書 Offer" not in text(signed_in(bob).get("/my/"))


def test_my_mail_walks_by_key(accept, alice, now, signed_in):
    screen([accept(person=alice, subject=f"No. {n:02}") for n in range(52)], now)
    client = signed_in(alice)

    first = client.get("/my/?state=held")
    second = client.get(f"/my/{first.context['next_url']}")

    shown = [row.subject for page in (first, second) for row in page.context["rows"]]
    assert shown == [f"No. {n:02}" for n in reversed(range(52))]
    assert second.context["next_url"] == ""
    assert client.get("/my/?before=nonsense").status_code == 200


def test_lists_count_those_who_still_get_it(hold_mail, alice, actor, now, later, signed_in):
    (hold,) = hold_mail(person=alice, to=("a@client.example", "b@client.example", "c@client.example"))
    first = hold.recipient_links.order_by("recipient").first()
    edit(
        hold.pk,
        hold.revision_id,
        Change(remove_recipients=frozenset({first.recipient_id})),
        alice,
        actor(alice),
        now,
    )
    rescreen(hold.pk, later(1))

    (row,) = signed_in(alice).get("/my/").context["rows"]

    assert (row.first_recipient, row.more_count) == ("b@client.example", 1)


# --- one mail ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "decide_it"), [("ja", "承認・却下"), ("en", "Decide")])
def test_the_gist_says_who_whom_what_and_why(language, decide_it, rich, bob, signed_in):
    page = text(signed_in(bob, language).get(url(rich)))

    assert "お見積書 Offer" in page
    assert page.count("alice@example.test") == 1
    assert "<bdi>Alice Archer</bdi>" in page
    assert "<strong>client.example</strong>" in page
    assert escape('見積 "書"; 10%.html') in page
    assert url(rich, "decide") in page
    assert rich.reasons[0]["text"][language] in page


def test_an_author_without_a_name_is_an_address(one_hold, alice, bob, signed_in):
    hold = one_hold(person=alice, content=rich_mail(sender="alice@example.test"))

    page = text(signed_in(bob).get(url(hold)))

    assert page.count("alice@example.test") == 1
    assert "<bdi></bdi>" not in page


def test_what_could_not_be_read_is_said_in_words(one_hold, alice, bob, signed_in):
    content = rich_mail().replace(b'charset="utf-8"', b'charset="x-unknown"')
    hold = one_hold(person=alice, content=content)

    assert "unknown character set" in text(signed_in(bob).get(url(hold)))
    assert "不明な文字コード" in text(signed_in(bob, "ja").get(url(hold)))


def test_every_problem_of_reading_has_words():
    from pathlib import Path

    from approvals.reading import PROBLEM_TEXTS
    from mailhold.mime import charsets, parse, structure, tnef

    assert PROBLEM_TEXTS.keys() >= parse.UNREAD
    sources = "".join(Path(module.__file__).read_text() for module in (parse, structure, charsets, tnef))
    assert {code for code in PROBLEM_TEXTS if f'"{code}"' not in sources} == set()


def test_the_text_is_text(rich, bob, signed_in):
    page = text(signed_in(bob).get(url(rich, "?tab=body")))

    assert "&lt;b&gt;not bold&lt;/b&gt;" in page


def test_the_html_stands_in_a_frame_where_nothing_runs(rich, bob, signed_in):
    page = text(signed_in(bob).get(url(rich, "?tab=html")))

    assert f'<iframe class="preview" sandbox title="The mail as HTML" src="{url(rich, "html")}"' in page


def test_the_page_in_the_frame_is_harmless(rich, bob, signed_in):
    response = signed_in(bob).get(url(rich, "html"))
    page = text(response)

    assert response["Content-Security-Policy"] == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "Hello." in page
    assert not any(word in page for word in ("<script", "steal", "onclick", "tracker.example", "<form"))
    assert 'src="data:image/png;base64,' in page


def test_other_pages_are_in_no_frame(rich, bob, signed_in):
    response = signed_in(bob).get(url(rich))

    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_a_mail_without_html_has_no_such_page(needs_manager, bob, signed_in):
    client = signed_in(bob)

    assert client.get(url(needs_manager, "html")).status_code == 404
    assert "?tab=html" not in text(client.get(url(needs_manager)))


def test_a_file_is_a_download_whatever_it_says_it_is(rich, bob, signed_in):
    client = signed_in(bob)
    assert url(rich, "attachments/1") in text(client.get(url(rich, "?tab=attachments")))

    response = client.get(url(rich, "attachments/1"))

    assert response.content == b"<script>figures</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    # RFC 6266 4.3 and RFC 8187 3.2.
    plain, encoded = response["Content-Disposition"].removeprefix("attachment; ").split("; filename*=")
    assert plain.startswith('filename="')
    assert plain.isascii()
    assert plain.count('"') == 2
    assert encoded == "UTF-8''%E8%A6%8B%E7%A9%8D%20%22%E6%9B%B8%22%3B%2010%25.html"


@pytest.mark.parametrize("tail", ["attachments/99", "attachments/-1", "attachments/x"])
def test_a_file_that_is_not_there_is_404(tail, rich, bob, signed_in):
    assert signed_in(bob).get(url(rich, tail)).status_code == 404


def test_the_mail_itself_can_be_had(rich, bob, signed_in):
    response = signed_in(bob).get(url(rich, "eml"))

    assert b"\r\nX-Colour: blue\r\n" in response.content
    assert response["Content-Type"] == "message/rfc822"
    assert response["Content-Disposition"].startswith(f'attachment; filename="{rich.pk}.eml"')


def test_headers_are_shown_as_they_are(rich, bob, signed_in):
    page = text(signed_in(bob).get(url(rich, "?tab=headers")))

    assert "<dt>X-Colour</dt><dd><bdi>blue</bdi></dd>" in page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_history_says_what_happened(language, rich, bob, actor, now, signed_in):
    from django.utils import translation

    from audit.sentences import sentence
    from audit.tags import Tag

    decide.approve(rich.pk, rich.revision_id, bob, actor(bob), now)

    page = text(signed_in(bob, language).get(url(rich, "?tab=history")))

    with translation.override(language):
        assert escape(sentence(Tag.HOLD_APPROVED)) in page
    assert "bob@example.test" in page


def test_changes_are_shown_side_by_side(rich, alice, actor, now, later, signed_in):
    client = signed_in(alice)
    assert "?tab=changes" not in text(client.get(url(rich)))
    change = Change(subject="New subject", body="Hello again.\n", drop_attachments=frozenset({1}))
    edit(rich.pk, rich.revision_id, change, alice, actor(alice), now)
    rescreen(rich.pk, later(1))

    page = text(client.get(url(rich, "?tab=changes")))

    assert "<del>お見積書 Offer</del>" in page
    assert "<ins>New subject</ins>" in page
    assert "10%.html</del>" in page
    assert "again" in page


def test_an_unknown_tab_is_the_gist(rich, bob, signed_in):
    assert signed_in(bob).get(url(rich, "?tab=nonsense")).context["tab"] == "gist"


UNREADABLE = ("", "?tab=headers", "decide", "act", "edit", "html", "attachments/0", "eml")


@pytest.mark.parametrize("tail", UNREADABLE)
@pytest.mark.parametrize(
    ("language", "words"), [("ja", "このメールを開けません"), ("en", "cannot be opened")]
)
def test_content_that_cannot_be_opened_is_said(
    language, words, tail, rich, alice, bob, signed_in, monkeypatch
):
    def broken(revision):
        raise ContentUnreadable("no key of the ring opens it")

    for module in ("approvals.reading", "approvals.views.mail"):
        monkeypatch.setattr(f"{module}.read_content", broken)
    client = signed_in(bob if tail == "decide" else alice, language)
    client.raise_request_exception = False

    response = client.get(url(rich, tail))

    assert response.status_code == 503
    assert words in text(response)
    assert "no key of the ring" not in text(response)


def test_a_link_to_content_that_cannot_be_opened_says_so(rich, bob, now, later, monkeypatch):
    from approvals import links

    def broken(revision):
        raise ContentUnreadable("no key of the ring opens it")

    monkeypatch.setattr("approvals.reading.read_content", broken)
    token = links.issue(
        rich, Link.Purpose.DECIDE, person=bob, address=bob.email, now=now, expires_at=later(60)
    )
    client = Client(headers={"accept-language": "en"}, raise_request_exception=False)

    response = client.get(f"/a/{token}")

    assert response.status_code == 503
    assert "cannot be opened" in text(response)


# --- deciding ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("ja", "承認しました"), ("en", "Approved.")])
def test_an_approver_who_signed_in_approves_and_takes_it_back(language, word, rich, bob, signed_in):
    client = signed_in(bob, language)

    done = client.post(url(rich, "decide"), {"decision": "approve", "revision": str(rich.revision_id)})
    assert word in text(done)
    assert f'action="{url(rich, "undo")}"' in text(done)
    back = client.post(url(rich, "undo"), follow=True)

    rich.refresh_from_db()
    assert (rich.state, rich.stage) == (HoldState.HELD, 1)
    assert back.redirect_chain == [(url(rich), 302)]
    assert not Decision.objects.filter(undone_at__isnull=True).exists()


def test_an_approver_who_signed_in_rejects(rich, bob, signed_in):
    form = {"decision": "reject", "revision": str(rich.revision_id), "reason": "content", "comment": "N\0o."}

    assert signed_in(bob).post(url(rich, "decide"), form).status_code == 200

    rich.refresh_from_db()
    assert (rich.state, rich.end_reason, rich.end_comment) == (HoldState.REJECTED, "content", "No.")


def test_a_reason_that_is_none_is_refused(rich, bob, signed_in):
    form = {"decision": "reject", "revision": str(rich.revision_id), "reason": "boredom"}

    assert signed_in(bob).post(url(rich, "decide"), form).status_code == 403
    rich.refresh_from_db()
    assert rich.state == HoldState.HELD


@pytest.mark.parametrize("decision", ["approve", "reject"])
@pytest.mark.parametrize("who", ["alice", "admin"])
def test_others_decide_nothing(who, decision, rich, admin, signed_in, request):
    client = signed_in(request.getfixturevalue(who))

    response = client.post(url(rich, "decide"), {"decision": decision, "revision": str(rich.revision_id)})

    assert response.status_code == 403
    assert not Decision.objects.exists()


def test_a_version_that_was_not_seen_is_not_approved(rich, bob, signed_in):
    for revision in ("", "x", str(uuid4())):
        response = signed_in(bob).post(url(rich, "decide"), {"decision": "approve", "revision": revision})
        assert response.status_code == 409
    assert not Decision.objects.exists()


def test_the_second_who_decides_is_told_who_was_first(rich, bob, actor, now, signed_in):
    decide.reject(rich.pk, rich.revision_id, bob, actor(bob), now, reason="", comment="")

    response = signed_in(bob).post(
        url(rich, "decide"), {"decision": "approve", "revision": str(rich.revision_id)}
    )

    assert response.status_code == 409
    assert "Rejected by Bob Baker" in text(response)


def test_a_decided_mail_asks_nobody(rich, bob, actor, now, signed_in):
    decide.reject(rich.pk, rich.revision_id, bob, actor(bob), now, reason="", comment="")
    client = signed_in(bob)

    assert url(rich, "decide") not in text(client.get(url(rich)))
    assert client.get(url(rich, "decide")).status_code == 302


STRICT = """
format: 1
policies:
  - key: strict
    name: {ja: 厳格, en: Strict}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}]
    actions: [{kind: approval, approvers: manager, deadline: 2h, link: L2}]
"""


@pytest.fixture
def strict(policies, one_hold, alice):
    policies(STRICT)
    return one_hold(person=alice)


def test_a_strict_mail_is_not_decided_without_a_second_factor(strict, bob, signed_in):
    client = signed_in(bob)
    form = {"decision": "approve", "revision": str(strict.revision_id)}

    page = client.get(url(strict, "decide"))
    assert page.status_code == 403
    assert "second factor" in text(page)
    assert 'value="approve"' not in text(page)
    assert client.post(url(strict, "decide"), form).status_code == 403
    assert not Decision.objects.exists()


def test_a_strict_mail_is_decided_with_a_second_factor(strict, bob, signed_in):
    client = signed_in(bob)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 1}]
    session["account_authentication_methods_user"] = str(bob.pk)
    session.save()

    assert client.get(url(strict, "decide")).status_code == 200
    form = {"decision": "approve", "revision": str(strict.revision_id)}
    assert client.post(url(strict, "decide"), form).status_code == 200
    assert Decision.objects.get().person == bob


# --- the sender's own --------------------------------------------------------------------------------------------


def test_the_sender_stops_pauses_and_sends_after_signing_in(one_hold, alice, now, signed_in):
    client = signed_in(alice)
    hold = one_hold(person=alice)
    page = text(client.get(url(hold, "act")))
    assert 'value="pause"' in page
    assert url(hold, "edit") in page

    assert client.post(url(hold, "act"), {"action": "pause"}).status_code == 200
    hold.refresh_from_db()
    assert hold.release_at is None
    assert client.post(url(hold, "act"), {"action": "send_now"}).status_code == 422
    seen = {"revision": str(hold.revision_id)}
    ticks = {"action": "send_now", "checked": "customer@client.example", **seen}
    assert client.post(url(hold, "act"), ticks).status_code == 200
    hold.refresh_from_db()
    assert hold.release_at == now
    assert client.post(url(hold, "act"), {"action": "cancel"}).status_code == 200
    hold.refresh_from_db()
    assert hold.state == HoldState.CANCELED


def test_what_is_over_leads_to_its_page(rich, alice, actor, now, signed_in):
    cancel.cancel(rich.pk, alice, actor(alice), now)

    response = signed_in(alice).get(url(rich, "act"))

    assert (response.status_code, response["Location"]) == (302, url(rich))


# --- changing ----------------------------------------------------------------------------------------------------


@pytest.fixture
def form(rich, alice, signed_in):
    """What the browser sends when Alice changes nothing."""
    fields = signed_in(alice).get(url(rich, "edit")).context["form"]
    values = {name: fields[name].value() for name in fields.fields}
    assert values["keep_attachments"] == ["0", "1"]
    return {name: value for name, value in values.items() if value is not None}


def test_a_change_makes_a_new_version_that_is_checked_again(form, rich, alice, signed_in):
    changed = {**form, "subject": "Better", "keep_attachments": [], "add_recipients": "dave@client.example\n"}

    response = signed_in(alice).post(url(rich, "edit"), changed, follow=True)

    assert response.redirect_chain == [(url(rich), 302)]
    assert "is being checked again" in text(response)
    rich.refresh_from_db()
    assert rich.state == HoldState.RECEIVED
    assert rich.revision.number == 1
    assert "Better" in text(response)
    assert "dave@" in text(response)


def test_an_approver_may_change_it_too(form, rich, bob, signed_in):
    response = signed_in(bob).post(url(rich, "edit"), {**form, "body": "Shorter."})

    assert response.status_code == 302
    rich.refresh_from_db()
    assert rich.revision.made_by == bob


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "Nothing was changed."),
        ({"keep_recipients": []}, "No recipient would be left. Cancel the mail instead."),
        ({"add_recipients": "no address"}, "no is not an e-mail address."),
        ({"subject": "x" * 501}, "at most 500 characters"),
        ({"subject": "a\0b"}, "Null characters"),
        ({"revision": str(uuid4()), "subject": "Late"}, "The mail has been changed since."),
        ({"revision": "x"}, ""),
        ({"keep_recipients": ["999999999"]}, "not one of the available choices"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_in_a_sentence(
    change, sentence, form, rich, alice, signed_in
):
    response = signed_in(alice).post(url(rich, "edit"), {**form, **change})

    assert response.status_code == 422
    assert escape(sentence) in text(response)
    rich.refresh_from_db()
    assert (rich.state, rich.stage) == (HoldState.HELD, 1)


def test_a_signed_mail_says_in_both_languages_why_it_cannot_be_changed(one_hold, alice, signed_in):
    content = rich_mail().replace(b"Hello.", b"-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nHello.", 1)
    hold = one_hold(person=alice, content=content)
    form = {"subject": "New", "body": "x", "revision": str(hold.revision_id)}
    form["keep_recipients"] = [str(link.recipient_id) for link in hold.recipient_links.all()]
    form["keep_attachments"] = ["0", "1"]

    assert "carries a signature" in text(signed_in(alice).post(url(hold, "edit"), form))
    assert "署名されたメール" in text(signed_in(alice, "ja").post(url(hold, "edit"), form))


def test_every_sentence_of_rewriting_has_its_japanese():
    from pathlib import Path

    from django.utils import translation

    from approvals.exceptions import CANNOT_EDIT
    from mailhold.mime import rewrite

    said = set(re.findall(r'CannotEdit\(\s*"([^"]+)"', Path(rewrite.__file__).read_text()))
    assert said == set(CANNOT_EDIT)
    with translation.override("ja"):
        assert not [sentence for sentence in said if translation.gettext(sentence).isascii()]


def test_what_is_over_cannot_be_changed(rich, alice, actor, now, signed_in):
    cancel.cancel(rich.pk, alice, actor(alice), now)

    assert signed_in(alice).get(url(rich, "edit")).status_code == 404
