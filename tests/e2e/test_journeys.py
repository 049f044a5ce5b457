"""From the notice in the mailbox to what arrives at the next hop: senders and approvers with nothing but a browser."""

import time

import pytest
from e2e.house import TEAMS, Finger, body_of, button, house, link_in, parsed, tab_to
from e2e.looks import Look, fits_a_narrow_window
from playwright.sync_api import expect

pytestmark = pytest.mark.live

# Both devices in both languages; the colours take turns.
FOUR = [
    Look("phone", "ja", "light"),
    Look("phone", "en", "dark"),
    Look("desk", "ja", "dark"),
    Look("desk", "en", "light"),
]
PHONE = [Look("phone", "ja", "light")]
DESK = [Look("desk", "en", "light")]
UNDO_SECONDS = 4

PAPER = ("見積書.pdf", b"%PDF-1.4 offer")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with house(tmp_path_factory.mktemp("journeys"), MAILHOLD_UNDO_SECONDS=UNDO_SECONDS) as running:
        yield running


@pytest.fixture
def team(look):
    return TEAMS[look.language]


@pytest.fixture
def subject(request):
    """A subject that no other test has."""
    return f"10月分のお見積書 {request.node.name}"


@pytest.fixture
def check(assert_accessible):
    """Check a page behind a link."""

    def whole(page):
        assert_accessible(page)
        fits_a_narrow_window(page)

    return whole


def held(home, team, subject, to="x@client.example", *, files=(PAPER,)):
    return home.send(team.sender, [to, "carol@example.test"], subject, files=files)


@pytest.mark.parametrize("look", FOUR, ids=str)
def test_an_approver_lets_it_go_with_two_taps_from_the_notice(home, new_page, look, team, subject, check):
    content = held(home, team, subject)
    page = new_page(look)
    finger = Finger(page)
    link = home.asked(team, subject)

    finger.follow(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(team.words["may it leave"])
    expect(page.locator("section.warn")).to_contain_text(team.words["why"])
    expect(page.get_by_role("heading", name=team.words["recipients"])).to_be_visible()
    expect(page.locator("main")).to_contain_text(team.sender_name)
    expect(page.locator("main")).to_contain_text("見積書.pdf")
    check(page)
    assert not home.came("x@client.example", subject)
    finger.press(button(page, team.words["approve"]))

    expect(page.get_by_role("heading", level=1)).to_have_text(team.words["approved"])
    expect(button(page, team.words["undo"])).to_be_visible()
    assert finger.taps == 2
    check(page)
    assert home.arrived("x@client.example", subject).content.endswith(content)
    page.goto(link)
    expect(page.locator("p.lead")).to_contain_text(team.words["approved by"])
    check(page)
    home.notice(team.sender, team.words["sent"], subject)


@pytest.mark.parametrize("look", FOUR, ids=str)
def test_a_sender_stops_it_with_two_taps_from_the_notice(home, new_page, look, team, subject, check):
    held(home, team, subject, files=())
    page = new_page(look)
    finger = Finger(page)
    link = home.soon(team, subject)

    finger.follow(link)
    timer = page.get_by_role("timer")
    left = timer.inner_text()
    assert left.startswith(("10:", "9:"))
    expect(timer).not_to_have_text(left)
    expect(page.get_by_text(team.words["leaves"])).to_be_visible()
    check(page)
    finger.press(button(page, team.words["cancel"]))

    expect(page.get_by_role("heading", level=1)).to_have_text(team.words["canceled"])
    assert finger.taps == 2
    check(page)
    page.goto(link)
    expect(page.locator("p.lead")).to_contain_text(team.words["withdrawn"])
    check(page)
    assert not home.came("x@client.example", subject)
    home.arrived("carol@example.test", subject)  # the internal copy has gone its own way


@pytest.mark.parametrize("look", [PHONE[0], DESK[0]], ids=str)
def test_rejecting_takes_three_taps_on_the_page_and_the_sender_reads_why(
    home, new_page, look, team, subject, check
):
    content = held(home, team, subject)
    page = new_page(look)
    finger = Finger(page)
    link = home.asked(team, subject)

    page.goto(link)
    finger.press(page.locator(".bar summary"))
    finger.press(page.locator("label", has_text=team.words["reason"]))
    page.locator("#comment").fill("宛先を確かめてください。")
    check(page)
    finger.press(button(page, team.words["confirm"]))

    expect(page.get_by_role("heading", level=1)).to_have_text(team.words["rejected"])
    assert finger.taps == 3
    check(page)
    notice = home.notice(team.sender, team.words["not sent"], subject)
    assert "宛先を確かめてください。" in body_of(notice)
    assert team.approver_name in body_of(notice)
    assert team.words["reason"] in body_of(notice)
    assert content.strip() in notice.content
    assert not home.came("x@client.example", subject)


@pytest.mark.parametrize("look", PHONE, ids=str)
def test_a_sender_pauses_comes_back_and_sends_it_after_all(home, new_page, look, team, subject, check):
    content = held(home, team, subject, files=())
    page = new_page(look, statuses=[422])
    finger = Finger(page)
    finger.follow(home.soon(team, subject))
    finger.press(button(page, team.words["pause"]))
    expect(page.get_by_role("heading", level=1)).to_have_text(team.words["paused"])
    check(page)
    finger.press(page.get_by_role("link", name=team.words["back"]))
    expect(page.get_by_role("heading", level=1)).to_have_text(team.words["on hold"])
    check(page)

    finger.press(button(page, team.words["send now"]))
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    assert not home.came("x@client.example", subject)
    finger.press(page.get_by_label("x@client.example"))
    finger.press(button(page, team.words["send now"]))

    assert home.arrived("x@client.example", subject).content.endswith(content)


@pytest.mark.parametrize("look", DESK, ids=str)
def test_of_two_who_approve_at_the_same_moment_the_second_is_told_who_was_first(
    home, new_page, look, team, subject, check
):
    content = held(home, team, subject, "x@either.example")
    pages = [new_page(look, statuses=[409]), new_page(look, statuses=[409])]
    for page, address in zip(pages, ("bob@example.test", "carol@example.test"), strict=True):
        page.goto(home.link(address, team.words["request"], subject))
    at = (time.time() + 0.5) * 1000
    for page in pages:
        press = "at => { setTimeout(() => document.querySelector('button[value=approve]').click(), at - Date.now()) }"
        page.evaluate(press, at)
    for page in pages:
        page.wait_for_url("**/decide")
    titles = [page.get_by_role("heading", level=1).inner_text() for page in pages]

    assert sorted(titles) == ["Already decided", team.words["approved"]]
    second = pages[titles.index("Already decided")]
    expect(second.locator("p.lead")).to_contain_text("Approved by")
    check(second)
    assert home.arrived("x@either.example", subject).content.endswith(content)


@pytest.mark.parametrize("look", PHONE, ids=str)
class TestWithoutScripts:
    @pytest.fixture
    def page(self, new_page, look):
        return new_page(look, java_script_enabled=False)

    def test_an_approver_lets_it_go(self, home, page, team, subject):
        content = held(home, team, subject)
        page.goto(home.asked(team, subject))
        button(page, team.words["approve"]).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["approved"])
        assert home.arrived("x@client.example", subject).content.endswith(content)

    def test_an_approver_rejects(self, home, page, team, subject):
        held(home, team, subject)
        page.goto(home.asked(team, subject))
        page.locator(".bar summary").tap()
        page.locator("label", has_text=team.words["reason"]).tap()
        button(page, team.words["confirm"]).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["rejected"])
        home.notice(team.sender, team.words["not sent"], subject)

    def test_a_sender_sees_when_it_leaves_and_stops_it(self, home, page, team, subject):
        held(home, team, subject, files=())
        page.goto(home.soon(team, subject))
        expect(page.locator("[role=timer]")).to_be_hidden()
        expect(page.get_by_text(team.words["leaves"])).to_be_visible()
        button(page, team.words["cancel"]).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["canceled"])


@pytest.mark.parametrize("look", DESK, ids=str)
class TestWithTheKeyboardAlone:
    def test_an_approver_lets_it_go(self, home, page, team, subject):
        content = held(home, team, subject)
        page.goto(home.asked(team, subject))
        tab_to(page, "button[value=approve]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["approved"])
        assert home.arrived("x@client.example", subject).content.endswith(content)

    def test_an_approver_rejects_and_says_why(self, home, page, team, subject):
        held(home, team, subject)
        page.goto(home.asked(team, subject))
        tab_to(page, ".bar summary")
        page.keyboard.press("Enter")
        tab_to(page, "input[name=reason]")
        page.keyboard.press("Space")
        tab_to(page, "#comment")
        page.keyboard.type("Not to them.")
        tab_to(page, "button[value=reject]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["rejected"])
        notice = body_of(home.notice(team.sender, team.words["not sent"], subject))
        assert "Not to them." in notice
        assert team.words["reason"] in notice

    def test_a_sender_stops_it(self, home, page, team, subject):
        held(home, team, subject, files=())
        page.goto(home.soon(team, subject))
        tab_to(page, "button[value=cancel]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["canceled"])


def test_the_link_in_a_notice_is_one_and_says_nothing_of_the_mail(home):
    team = TEAMS["en"]
    held(home, team, "One link")
    notice = home.notice(team.approver, team.words["request"], "One link")
    assert link_in(notice).startswith(f"{home.url}/a/")
    assert parsed(notice)["Auto-Submitted"] == "auto-generated"
