"""Signing in with real pages and a real authenticator (Chromium's virtual one), under the product's own policy."""

import pytest
from allauth.mfa.models import Authenticator

PASSWORD = "correct horse battery"
PAGES_OF_STRANGERS = [
    "login/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/1-abc/",
    "signup/",
]
PAGES_OF_PEOPLE = [
    "password/change/",
    "reauthenticate/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "logout/",
]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pages]


@pytest.fixture
def accounts(live_server):
    # A passkey belongs to a host name; an address in figures can have none.
    return live_server.url.replace("127.0.0.1", "localhost") + "/accounts/"


def sign_in(page, accounts, person):
    page.goto(f"{accounts}login/")
    page.fill("#id_login", person.email)
    page.fill("#id_password", PASSWORD)
    page.locator("form.card button").click()
    page.wait_for_url(lambda url: "login" not in url)


def authenticator(page):
    """Give the page a security key that always says yes."""
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    client.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_no_page_of_signing_in_has_a_finding(page, accounts, alice, assert_accessible):
    for path in PAGES_OF_STRANGERS:
        page.goto(f"{accounts}{path}")
        assert_accessible(page)
    sign_in(page, accounts, alice)
    for path in PAGES_OF_PEOPLE:
        page.goto(f"{accounts}{path}")
        assert_accessible(page)


def test_a_wrong_password_is_answered_on_the_page(page, accounts, alice, assert_accessible):
    page.goto(f"{accounts}login/")
    page.fill("#id_login", alice.email)
    page.fill("#id_password", "wrong")
    page.locator("form.card button").click()
    assert page.locator(".alert").is_visible()
    assert_accessible(page)


def test_a_passkey_made_on_the_page_signs_in_without_a_password(page, accounts, alice):
    authenticator(page)
    sign_in(page, accounts, alice)
    page.goto(f"{accounts}2fa/webauthn/add/")
    page.fill("#id_password", PASSWORD)  # who adds a key shows anew that it is still the same person
    page.locator("form.card button").click()
    page.fill("#id_name", "Phone")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "add" not in url)
    assert Authenticator.objects.filter(user=alice, type=Authenticator.Type.WEBAUTHN).count() == 1

    page.goto(f"{accounts}logout/")
    page.locator("main button").click()
    page.goto(f"{accounts}login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{accounts}2fa/webauthn/")
    assert page.get_by_text("Phone").is_visible()


def test_without_scripts_a_password_still_signs_in_and_no_dead_button_is_shown(
    new_page, look, accounts, alice
):
    page = new_page(look, java_script_enabled=False)
    page.goto(f"{accounts}login/")
    assert not page.locator("#passkey_login").is_visible()
    sign_in(page, accounts, alice)
    page.goto(f"{accounts}2fa/")
    assert page.url.endswith("/2fa/")
