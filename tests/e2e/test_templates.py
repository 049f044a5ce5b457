"""Every page in a real browser, given what its view would give it, under the product's own content security policy."""

import gzip
import mimetypes
from pathlib import Path
from types import SimpleNamespace

import pytest
from csp.utils import build_policy
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation
from e2e.looks import EVERY_LOOK, Look, fits_a_narrow_window
from e2e.samples import GIST, PAGES, SENDER

from mailhold.directory.models import Person

HOST = "http://mailhold.test"
ALICE = Person(email="alice@example.test", name="山田 太郎 Alice Archer", is_staff=True)


@pytest.fixture
def show(settings):
    """Render a template and show it in a page, with the files and the policy that the web process would send."""

    def open_template(page, template, context, look, user=ALICE):
        html = rendered(template, context, look, user)

        def answer(route):
            path = route.request.url.removeprefix(HOST).partition("?")[0]
            if path.startswith(settings.STATIC_URL):
                name = path.removeprefix(settings.STATIC_URL)
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                route.fulfill(body=Path(finders.find(name)).read_bytes(), content_type=kind)
            elif path == "/page":
                route.fulfill(
                    body=html,
                    content_type="text/html; charset=utf-8",
                    headers={"Content-Security-Policy": build_policy()},
                )
            else:
                route.fulfill(
                    body="<!doctype html><html lang=en><title>x</title><p>x", content_type="text/html"
                )

        page.route("**/*", answer)
        page.goto(f"{HOST}/page")
        return page

    return open_template


def rendered(template, context, look, user=ALICE):
    request = RequestFactory().get("/page")
    request.user = user
    request._messages = []
    with translation.override(look.language), timezone.override("Asia/Tokyo"):
        return render_to_string(template, {"user": user, **context}, request=request)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_finding_in_any_look_nor_scrolls_sideways(show, page, look, name, assert_accessible):
    show(page, *PAGES[name], look)
    assert_accessible(page)
    fits_a_narrow_window(page)


@pytest.mark.parametrize("look", [Look("phone", "ja", "light"), Look("desk", "en", "dark")], ids=str)
class TestMarks:
    def test_a_reason_leads_to_the_place_that_it_speaks_of_and_the_place_back(self, show, page, look):
        show(page, *PAGES["decide"], look)
        page.locator("a[href='#place-3']").first.click()
        place = page.locator("#place-3 + mark")
        assert place.inner_text() == "社"
        assert in_sight(page, place)
        page.locator("a.ref[href='#reason-3']").first.click()
        assert in_sight(page, page.locator("#reason-3"))

    def test_a_reason_about_an_attachment_leads_to_it(self, show, page, look):
        show(page, *PAGES["decide"], look)
        page.locator("a[href='#file-0']").click()
        assert in_sight(page, page.locator("#file-0"))

    def test_what_is_marked_can_be_told_apart_and_is_not_copied_with_its_number(self, show, page, look):
        show(page, *PAGES["decide"], look)
        style = "element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).userSelect]"
        mark, ref, text = (
            page.locator(name).first.evaluate(style)
            for name in (".mailtext mark", ".mailtext .ref", ".mailtext")
        )
        assert mark[0] != text[0]
        assert (mark[1], ref[1]) == ("auto", "none")

    def test_numbers_on_the_page_for_trying_lead_to_the_places(self, show, page, look):
        show(page, *PAGES["try, with an answer"], look)
        page.locator("a.ref[href='#place-1']").click()
        assert in_sight(page, page.locator("#place-1 + mark"))


def in_sight(page, locator):
    """Say whether something lies within the window, and nothing lies over its middle."""
    return locator.evaluate(
        """element => {
            const box = element.getBoundingClientRect()
            const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
            return over !== null && (element.contains(over) || over.contains(element))
        }"""
    )


@pytest.mark.parametrize("look", [Look("phone", "ja", "light")], ids=str)
class TestDeciding:
    def test_the_buttons_are_in_sight_before_any_scrolling(self, show, page, look):
        show(page, *PAGES["decide"], look)
        approve = page.locator("button[value=approve]").bounding_box()
        assert approve["y"] + approve["height"] <= 844
        assert approve["height"] >= 48

    def test_rejecting_needs_a_second_press_and_hides_the_approval_meanwhile(self, show, page, look):
        show(page, *PAGES["decide"], look)
        assert not page.locator("button[value=reject]").is_visible()
        page.locator(".bar summary").click()
        assert page.locator("button[value=reject]").is_visible()
        assert not page.locator("button[value=approve]").is_visible()

    def test_what_the_form_sends_is_the_decision_with_its_reason(self, show, page, look):
        show(page, *PAGES["decide"], look)
        page.locator(".bar summary").click()
        page.locator("input[value=wrong_recipient]").check()
        page.locator("#comment").fill("宛先が違います")
        with page.expect_request("**/decide") as sent:
            page.locator("button[value=reject]").click()
        fields = sent.value.post_data
        for part in (
            "decision=reject",
            "reason=wrong_recipient",
            "comment=%E5%AE%9B",
            "revision=0193",
            "nonce=nonce",
        ):
            assert part in fields

    def test_the_keyboard_alone_is_enough(self, show, page, look):
        show(page, *PAGES["decide"], look)
        page.locator(".bar summary").focus()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.value") == "approve"

    def test_a_page_that_may_not_be_decided_has_no_buttons(self, show, page, look):
        show(page, *PAGES["decide, own mail"], look)
        assert page.locator("button[name=decision]").count() == 0

    def test_a_link_page_has_no_script_and_comes_in_12_kilobytes(self, show, page, look):
        show(page, *PAGES["decide"], look)
        assert page.locator("script").count() == 0
        names = page.eval_on_selector_all(
            "link[href]", "links => links.map(link => link.getAttribute('href'))"
        )
        files = [Path(finders.find(name.removeprefix("/static/"))).read_bytes() for name in names]
        assert sum(len(gzip.compress(part)) for part in (*files, page.content().encode())) <= 12_288


@pytest.mark.parametrize("look", [Look("phone", "en", "light")], ids=str)
class TestCountdown:
    def test_the_time_left_is_counted_by_the_servers_clock(self, show, page, look):
        release_at = timezone.now() + timezone.timedelta(seconds=3725)
        page.clock.install(time="2031-01-01T00:00:00Z")  # the reader's clock is wrong by years
        show(page, "approvals/sender.html", {**SENDER, "release_at": release_at, "can_cancel": True}, look)
        assert page.locator("[role=timer]").inner_text().startswith("1:02:0")

    def test_it_speaks_at_sixty_and_at_ten_seconds_only(self, show, page, look):
        page.clock.install(time="2031-01-01T00:00:00Z")
        release_at = timezone.now() + timezone.timedelta(seconds=90)
        show(page, "approvals/sender.html", {**SENDER, "release_at": release_at, "can_cancel": True}, look)
        voice = page.locator("[data-countdown-until] [role=status]")
        assert voice.text_content() == ""
        page.clock.run_for(35_000)
        first = voice.text_content()
        assert "seconds" in first
        page.clock.run_for(20_000)
        assert voice.text_content() == first
        page.clock.run_for(30_000)
        assert voice.text_content() != first

    def test_without_scripts_the_time_of_sending_and_the_buttons_are_there(self, show, new_page, look):
        page = new_page(look, java_script_enabled=False)
        show(page, *PAGES["sender, countdown"], look)
        assert page.locator("button[value=cancel]").is_visible()
        assert not page.locator("[role=timer]").is_visible()
        assert page.get_by_text("Goes out at").is_visible()


@pytest.mark.parametrize("look", [Look("narrow", "ja", "light"), Look("phone", "en", "dark")], ids=str)
def test_the_menu_opens_inside_the_window(show, page, look, assert_accessible):
    show(page, *PAGES["home"], look)
    page.locator(".menu summary").click()
    menu = page.locator(".menu ul").bounding_box()
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= page.viewport_size["width"]
    assert_accessible(page)


@pytest.mark.parametrize("look", [Look("phone", "ja", "light")], ids=str)
def test_a_form_is_sent_once_however_often_it_is_pressed(show, page, look):
    show(page, *PAGES["sender, countdown"], look)
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.evaluate(
        """() => { const button = document.querySelector("button[value=cancel]"); button.click(); button.click(); }"""
    )
    page.wait_for_url("**/act")
    assert len(sent) == 1


@pytest.mark.parametrize("name", PAGES)
def test_no_english_is_left_on_a_japanese_page_and_the_other_way_round(name):
    japanese = rendered(*PAGES[name], Look("phone", "ja", "light"))
    english = rendered(*PAGES[name], Look("phone", "en", "light"))
    assert '<html lang="ja">' in japanese
    assert '<html lang="en">' in english
    for text in (
        "Skip to the content",
        "recipient (",
        "recipients (",
        "Cancel sending",
        "Approve and send",
        "History",
    ):
        assert text not in japanese


def test_hostile_text_stays_text():
    gist = {**GIST, "subject": "<script>alert(1)</script>", "body": "</div><img src=x onerror=alert(1)>"}
    html = rendered("approvals/decide.html", {**PAGES["decide"][1], "gist": gist}, EVERY_LOOK[0])
    assert "<script" not in html
    assert "<img" not in html


def test_a_stranger_sees_no_navigation():
    html = rendered("404.html", {}, EVERY_LOOK[0], AnonymousUser())
    assert "<nav" not in html


def test_the_error_pages_need_no_request():
    for code in ("500", "503"):
        assert "mailhold" in render_to_string(f"{code}.html")


def test_the_chosen_theme_wins_over_the_systems():
    request = RequestFactory().get("/page")
    request.COOKIES["theme"] = "dark"
    request.user = SimpleNamespace(is_authenticated=False)
    assert 'data-theme="dark"' in render_to_string("404.html", request=request)
