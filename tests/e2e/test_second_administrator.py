"""A second administrator reads in a browser what another one changed, and agrees or refuses; the first one withdraws."""

import json

import pytest
from e2e.building import in_language
from e2e.house import PASSWORD, button, sign_in
from e2e.looks import Look, accessible, fits_a_narrow_window
from live.plant import Plant
from playwright.sync_api import expect

pytestmark = [pytest.mark.live, pytest.mark.pages]

ADA, BEN = "ada@example.test", "ben@example.test"
WORDS = {
    "en": {
        "start": "A change of the policies waits for you",
        "banner": "1 change of the policies waits for you.",
        "own": "Your change of the policies waits for another administrator.",
        "agree": "Agree: put it in force",
        "refuse": "Refuse",
        "say why": "Please say why.",
        "refused": "The change was refused.",
        "agreed": "The change is in force as version",
        "again": "Make this change again",
        "withdraw": "Withdraw the change",
        "withdrawn": "The change was withdrawn.",
        "after": "it waits {} minutes",
        "look": "Look at it",
    },
    "ja": {
        "start": "ポリシーの変更が、あなたの同意を待っています",
        "banner": "ポリシーの変更が1件、あなたの同意を待っています。",
        "own": "あなたのポリシーの変更は、ほかの管理者の同意を待っています。",
        "agree": "同意して有効にする",
        "refuse": "却下する",
        "say why": "理由を書いてください。",
        "refused": "変更を却下しました。",
        "agreed": "として有効になりました。",
        "again": "この変更をもう一度行う",
        "withdraw": "変更を取り下げる",
        "withdrawn": "変更を取り下げました。",
        "after": "{}分待つ",
        "look": "内容を見る",
    },
}
LOOKS = [(Look("desk", "en", "dark"), 17), (Look("phone", "ja", "light"), 23)]


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """An installation with two administrators, where each change needs both."""
    with Plant(tmp_path_factory.mktemp("second"), MAILHOLD_POLICY_SECOND_ADMINISTRATOR=1) as running:
        who = ["--admin-address", ADA, "--admin-name", "Ada Admin", "--admin-password-stdin"]
        running.manage("init", *who, "--no-input", stdin=f"{PASSWORD}\n")
        running.manage("createsuperuser", "--noinput", "--email", BEN)
        yield running


@pytest.fixture(scope="module")
def administrator(plant, browser):
    """The cookies of Ada."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, plant.base_url, ADA)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def propose(plant, tmp_path):
    """Let Ben propose that external mail waits for so many minutes."""

    def propose(minutes):
        wait = {
            "key": "external-wait",
            "name": {"ja": "社外へのメールは待つ", "en": "External mail waits"},
            "conditions": [{"kind": "recipient_is", "choice": "external"}],
            "actions": [{"kind": "hold", "for": f"{minutes}m"}],
        }
        file = tmp_path / "policies.yaml"
        file.write_text(json.dumps({"format": 1, "policies": [wait]}), encoding="utf-8")
        plant.manage("policy", "apply", str(file), "--by", BEN)

    return propose


@pytest.mark.parametrize(("look", "minutes"), LOOKS, ids=str)
def test_from_the_start_page_to_a_refusal_and_to_an_agreement(
    plant, administrator, new_page, propose, look, minutes
):
    words = WORDS[look.language]
    propose(minutes)
    page = new_page(look, storage_state=administrator)
    in_language(page, f"{plant.base_url}/", look.language)
    accessible(page)
    page.get_by_role("link", name=words["start"]).click()

    expect(page.get_by_text(words["after"].format(minutes)).first).to_be_visible()
    accessible(page, preload=False)
    fits_a_narrow_window(page)
    button(page, words["refuse"]).click()
    expect(page.get_by_text(words["say why"])).to_be_visible()
    page.get_by_role("textbox").last.fill("Not before Monday.")
    button(page, words["refuse"]).click()
    expect(page.get_by_text(words["refused"])).to_be_visible()
    assert f"for: {minutes}m" not in plant.manage("policy", "export")

    propose(minutes)
    page.goto(f"{plant.base_url}/admin/policies/policy/")
    expect(page.get_by_text(words["banner"])).to_be_visible()
    page.get_by_role("link", name=words["look"]).click()
    button(page, words["agree"]).click()
    expect(page.get_by_text(words["agreed"])).to_be_visible()
    accessible(page, preload=False)
    assert f"for: {minutes}m" in plant.manage("policy", "export", "--in-force")
    page.goto(f"{plant.base_url}/admin/policies/policyversion/")
    expect(page.get_by_text(words["after"].format(minutes)).first).to_be_visible()


@pytest.mark.parametrize("look", [LOOKS[0][0], LOOKS[1][0]], ids=str)
def test_who_made_a_change_again_withdraws_it(plant, administrator, new_page, propose, look):
    words = WORDS[look.language]
    propose(59)
    page = new_page(look, storage_state=administrator)
    in_language(page, f"{plant.base_url}/", look.language)
    page.get_by_role("link", name=words["start"]).click()
    page.get_by_role("textbox").last.fill("I do it myself.")
    button(page, words["refuse"]).click()

    button(page, words["again"]).click()
    page.goto(f"{plant.base_url}/admin/policies/policy/")
    expect(page.get_by_text(words["own"])).to_be_visible()
    page.get_by_role("link", name=words["look"]).click()
    expect(button(page, words["agree"])).to_have_count(0)
    accessible(page, preload=False)
    button(page, words["withdraw"]).click()
    expect(page.get_by_text(words["withdrawn"])).to_be_visible()
    assert "59m" not in plant.manage("policy", "export")
