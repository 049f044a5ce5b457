"""An administrator replays policies on past mail in a browser: real workers do it while the page shows how far they are."""

import json
import signal

import pytest
from e2e.house import PASSWORD, TEAMS, button, house, sign_in
from e2e.looks import Look, accessible, fits_a_narrow_window
from playwright.sync_api import expect

pytestmark = pytest.mark.live

ADMINISTRATOR = "admin@example.test"
PAPER = ("見積書.pdf", b"%PDF-1.4 offer")
WORDS = {
    "en": {
        "title": "Replay policies",
        "begin": "Begin",
        "result": "What would have happened",
        "no longer": "No longer held",
        "newly": "Newly held",
        "cancel": "Cancel",
        "canceled": "It was canceled after",
    },
    "ja": {
        "title": "過去のメールで試す",
        "begin": "試す",
        "result": "試した結果",
        "no longer": "保留されなくなる",
        "newly": "新たに保留される",
        "cancel": "中止する",
        "canceled": "で中止しました",
    },
}
INSIDE = {
    "key": "inside",
    "name": {"ja": "社内へのメールは5分待つ", "en": "Internal mail waits 5 minutes"},
    "conditions": [{"kind": "recipient_is", "choice": "internal"}],
    "actions": [{"kind": "hold", "for": "5m"}],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation with some mail of the last minutes, and an administrator."""
    with house(tmp_path_factory.mktemp("replay")) as running:
        words = ["--admin-address", ADMINISTRATOR, "--admin-name", "Ada Admin", "--admin-password-stdin"]
        running.plant.manage("init", *words, "--no-input", stdin=f"{PASSWORD}\n")
        for number in range(4):
            for team in TEAMS.values():
                files = [PAPER] if number % 2 else []
                running.send(team.sender, ["x@client.example"], f"お見積書 {number}", files=files)
                running.send(team.sender, [team.approver], f"社内連絡 {number}", files=files)
        for team in TEAMS.values():
            running.asked(team, "お見積書 3")
            running.arrived(team.approver, "社内連絡 3")
        yield running


@pytest.fixture(scope="module")
def signed_in(home, browser):
    """The cookies of the administrator."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, home.url, ADMINISTRATOR)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(home, signed_in, new_page, look):
    """The page for replays in the language of the look, reached from the start page."""
    page = new_page(look, storage_state=signed_in)
    page.goto(f"{home.url}/")
    if page.locator("html").get_attribute("lang") != look.language:
        page.locator("button[name=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", look.language)
    page.get_by_role("link", name=WORDS[look.language]["title"]).click()
    page.wait_for_url("**/policies/replay/")
    return page


def test_switching_a_policy_off_shows_what_it_held_while_workers_go_through_the_mail(page, look):
    words = WORDS[look.language]
    accessible(page)
    fits_a_narrow_window(page)
    page.locator("input[name=switch][value=wait]").check()
    button(page, words["begin"]).click()
    page.wait_for_url("**/policies/replay/*-*/")
    # The page comes to its end by itself.
    expect(page.get_by_role("heading", name=words["result"])).to_be_visible()
    expect(page.locator("summary", has_text=f"{words['no longer']} (4)")).to_be_visible()
    expect(page.get_by_text("お見積書 2").first).to_be_visible()
    accessible(page)
    fits_a_narrow_window(page)
    page.get_by_role("link", name="お見積書 2").first.click()
    page.wait_for_url("**/m/*/")


@pytest.mark.parametrize("look", [Look("phone", "en", "dark")], ids=str)
def test_a_file_is_tried_without_scripts_and_changes_nothing(home, signed_in, new_page, look, tmp_path):
    before = home.plant.manage("policy", "export")
    words = WORDS["en"]
    draft = tmp_path / "draft.yaml"
    draft.write_text(json.dumps({"format": 1, "policies": [INSIDE]}))
    page = new_page(look, storage_state=signed_in, java_script_enabled=False)
    page.goto(f"{home.url}/policies/replay/")
    if page.locator("html").get_attribute("lang") != "en":
        page.locator("button[name=language]").click()
        page.wait_for_load_state()
    page.set_input_files("input[type=file]", draft)
    button(page, words["begin"]).click()
    page.wait_for_url("**/policies/replay/*-*/")
    expect(page.get_by_role("heading", name=words["result"])).to_be_visible()
    expect(page.locator("summary", has_text=f"{words['newly']} (8)")).to_be_visible()
    expect(page.locator("summary", has_text=f"{words['no longer']} (8)")).to_be_visible()
    assert home.plant.manage("policy", "export") == before


@pytest.mark.parametrize("look", [Look("desk", "ja", "light")], ids=str)
def test_a_replay_is_canceled_while_no_worker_is_there_to_do_it(home, page, look):
    words = WORDS[look.language]
    workers = [each for each in home.plant.members() if "worker" in " ".join(each.cmdline())]
    assert workers
    for each in workers:
        each.send_signal(signal.SIGSTOP)
    try:
        button(page, words["begin"]).click()
        page.wait_for_url("**/policies/replay/*-*/")
        expect(page.get_by_role("progressbar")).to_be_visible()
        accessible(page)
        fits_a_narrow_window(page)
        button(page, words["cancel"]).click()
        expect(page.locator(".note.stop")).to_contain_text(words["canceled"])
        accessible(page)
    finally:
        for each in workers:
            each.send_signal(signal.SIGCONT)


def test_after_the_workers_were_killed_a_replay_goes_on(home, page, look):
    """By SIGKILL, in the midst of whatever they do; the watchdog starts others, and the rows know how far it was."""
    words = WORDS[look.language]
    button(page, words["begin"]).click()
    page.wait_for_url("**/policies/replay/*-*/")
    clusters = [each for each in home.plant.members() if "--cluster" in each.cmdline()]
    assert clusters
    for each in clusters:
        each.kill()
    expect(page.get_by_role("heading", name=words["result"])).to_be_visible(timeout=180_000)
    expect(page.locator("dl.figures dd").first).to_have_text("16")
