"""A real browser: Debian's Chromium driven by Playwright, with axe, in the widths, languages and colours that matter."""

import os
import shutil
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# Playwright's synchronous interface runs a loop in this thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"desk": (1280, 800), "phone": (390, 844), "narrow": (320, 640)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    device: str
    language: str
    scheme: str

    def __str__(self):
        return f"{self.device}-{self.language}-{self.scheme}"


EVERY_LOOK = [
    Look(device, language, scheme)
    for device in ("desk", "phone")
    for language in ("ja", "en")
    for scheme in ("light", "dark")
]


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the whole run."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not os.path.exists(path):
        pytest.skip(f"There is no Chromium at {path}: install Debian's package chromium, or name one in CHROMIUM.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(params=EVERY_LOOK, ids=str)
def look(request):
    """Each device, language and colour scheme in turn; a test that needs one look overrides it by parametrize."""
    return request.param


@pytest.fixture
def new_page(browser):
    """Open a page for a look; after the test, what any of them wrote to its console must be nothing."""
    complaints, contexts = [], []

    def open_page(look, **options):
        width, height = WIDTHS[look.device]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=look.scheme,
            locale={"ja": "ja-JP", "en": "en-GB"}[look.language],
            reduced_motion="reduce",
            has_touch=look.device != "desk",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: _complain(complaints, message))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _complain(complaints, message):
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def page(new_page, look):
    """One page in the look of the test."""
    return new_page(look)


@pytest.fixture
def assert_accessible():
    """Check a page: nothing against WCAG 2.2 AA or axe's best practice, and no scrolling sideways."""

    def check(page):
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert found.violations_count == 0, found.generate_report()
        assert not sideways(page), f"{page.url} is {sideways(page)} px wider than its window"

    return check


def sideways(page):
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
