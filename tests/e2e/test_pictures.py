"""The pictures of the documents, taken from a running installation where MAILHOLD_SHOTS names a folder for them."""

import os
from pathlib import Path

import pytest
from e2e.building import Builder, in_language
from e2e.house import PASSWORD, TEAMS, House, sign_in
from e2e.looks import WIDTHS
from live.plant import Plant
from live.sink import Sink
from playwright.sync_api import expect

from approvals.demo_files import ATTENDEES, CUSTOMERS, pdf

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not os.environ.get("MAILHOLD_SHOTS"), reason="MAILHOLD_SHOTS names no folder."),
]

# A picture in a document must not outweigh it.
LARGEST = 150_000

PEOPLE = """\
address,name,department,manager,language
alice@example.test,Alice Archer,Sales,bob@example.test,en
bob@example.test,Bob Baker,Sales,,en
taro@example.test,山田 太郎,営業部,hanako@example.test,ja
hanako@example.test,佐藤 花子,営業部,,ja
"""

POLICIES = """
format: 1
policies:
  - key: partners
    name: {ja: 取引先へのメールはすぐに送る, en: Mail to partners is sent at once}
    priority: 10
    conditions: [{kind: recipient_domain, values: [group.example]}]
    actions: [{kind: send_now}]
    stop: true
  - key: personal-data
    name: {ja: 個人情報は上長の承認, en: Personal data needs the manager}
    priority: 20
    conditions:
      - {kind: recipient_is, choice: external}
      - {kind: personal_data, choice: everywhere, number: 10, values: [phone, address, person]}
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
  - key: attachments
    name: {ja: 社外への添付は上長の承認, en: Attachments to the outside need the manager}
    priority: 30
    conditions: [{kind: recipient_is, choice: external}, {kind: has_attachment}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
  - key: wait
    name: {ja: 社外へのメールは 5 分待つ, en: External mail waits 5 minutes}
    priority: 40
    conditions: [{kind: recipient_is, choice: external}]
    exceptions: [{kind: has_attachment}]
    actions: [{kind: hold, for: 5m, sender_may_send_now: true}]
  - key: size
    name: {ja: 大きすぎるメールは戻す, en: Mail that is too large goes back}
    priority: 50
    mode: watch
    conditions: [{kind: size, number: 30, choice: MB}]
    actions: [{kind: return_to_sender, text: {ja: ファイル共有を使ってください。, en: Please use the file share.}}]
"""

MAILS = {
    "ja": {
        "question": "【ご送付】10月分のお見積書について",
        "others": ["発注書 No.2214", "打ち合わせ議事録(山本商事様)"],
        "countdown": "次回お打ち合わせの日程",
        "text": "お世話になっております。\n山田です。\n\nお見積書と名簿をお送りします。ご査収ください。\n\n"
        "名簿の担当は山本 彩(電話 03-0000-0101)です。\n\n営業部 山田 太郎\n",
        "files": [("顧客名簿_2026.csv", CUSTOMERS.encode("utf-8-sig")), ("見積書.pdf", pdf("Quotation"))],
    },
    "en": {
        "question": "Quotation for October",
        "others": ["Purchase order 2214", "Minutes of Tuesday's meeting"],
        "countdown": "Date of our next meeting",
        "text": "Hello,\n\nplease find the list and the quotation attached.\n\n"
        "Jane Miller (phone 202-555-0101) keeps the list.\n\nKind regards,\nAlice\n",
        "files": [
            ("customers-2026.csv", ATTENDEES.encode("utf-8-sig")),
            ("quotation.pdf", pdf("Quotation")),
        ],
    },
}
LANGUAGES = {"ja": "", "en": ".en"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation in which both teams have sent their mail."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    env = {"MAILHOLD_ORGANISATION": "Example Trading"}
    with Sink() as sink, Plant(folder / "plant", sink=sink, **env) as plant:
        plant.manage("people", "import", str(folder / "people.csv"))
        plant.manage("policy", "apply", str(folder / "policies.yaml"))
        words = [
            "--admin-address",
            "admin@example.test",
            "--admin-name",
            "Ada Admin",
            "--admin-password-stdin",
        ]
        plant.manage("init", *words, "--language", "ja", stdin=f"{PASSWORD}\n")
        house = House(plant, sink)
        for language in LANGUAGES:
            write(house, language)
        yield house


def write(home, language):
    """Let a team send its mail, and wait for the notices."""
    team, mails = TEAMS[language], MAILS[language]
    outside = ["hanako@customer-tokyo.example", "sato@partner.example"]
    home.send(team.sender, outside, mails["question"], text=mails["text"], files=mails["files"])
    for subject in mails["others"]:
        home.send(team.sender, outside[:1], subject, text=mails["text"], files=mails["files"][1:])
    home.send(team.sender, outside, mails["countdown"], text=mails["text"])
    for subject in (mails["question"], *mails["others"]):
        home.asked(team, subject)


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def picture(browser, language):
    """Open a window of a device, and take its picture."""
    contexts = []

    def window(device, scale=1, height=None):
        width, usual = WIDTHS[device]
        context = browser.new_context(
            viewport={"width": width, "height": height or usual},
            device_scale_factor=scale,
            locale={"ja": "ja-JP", "en": "en-GB"}[language],
            color_scheme="light",
        )
        contexts.append(context)
        return context.new_page()

    def take(page, name, **options):
        path = Path(os.environ["MAILHOLD_SHOTS"]) / f"{name}{LANGUAGES[language]}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, animations="disabled", **options)
        assert path.stat().st_size < LARGEST

    yield window, take
    for context in contexts:
        context.close()


def test_the_question_on_a_phone(home, picture, language):
    window, take = picture
    page = window("phone", 1.5, height=1020)
    page.goto(home.asked(TEAMS[language], MAILS[language]["question"]))
    take(page, "approve-phone")


def test_the_time_before_sending(home, picture, language):
    window, take = picture
    page = window("desk")
    page.goto(home.soon(TEAMS[language], MAILS[language]["countdown"]))
    expect(page.get_by_role("timer")).to_be_visible()
    take(page, "sender-desk")


def test_the_queue_and_the_history(home, picture, browser, language):
    window, take = picture
    team = TEAMS[language]
    home.set_password(team.approver)
    page = window("desk")
    sign_in(page, home.url, team.approver)
    page.goto(f"{home.url}/queue/")
    take(page, "queue-desk")
    page.get_by_role("link", name=MAILS[language]["others"][0]).click()
    page.locator("button[value=approve]").click()
    page.wait_for_url("**/decide")
    page.goto(page.url.replace("decide", "?tab=history"))
    take(page, "message-history")


def test_the_policies(home, picture, language):
    window, take = picture
    page = window("desk")
    sign_in(page, home.url, "admin@example.test")
    in_language(page, home.url, language)
    page.goto(f"{home.url}/admin/policies/policy/")
    take(page, "admin-policies")


def test_building_a_policy(home, picture, language):
    window, take = picture
    page = window("desk", height=1400)
    sign_in(page, home.url, "admin@example.test")
    in_language(page, home.url, language)
    builder = Builder(page, language)
    builder.open(home.url)
    builder.fill_in()
    expect(page.locator("#policy-says strong")).to_have_text(builder.words["sentence"])
    # The menu beside it says nothing about the form.
    page.locator("#toggle-nav-sidebar").click()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    take(page, "policy-building")
