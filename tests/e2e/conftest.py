"""A real browser: Debian's Chromium driven by Playwright, with axe, in the widths, languages and colours that matter."""

import os
import shutil
from pathlib import Path

import pytest
from e2e.looks import ARGUMENTS, WIDTHS, accessible, looks
from playwright.sync_api import expect, sync_playwright

# Long enough for a busy machine; what is there earlier is not waited for.
WAIT_MILLISECONDS = 30_000


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a module.

    Playwright's synchronous interface keeps a loop running in this thread. Django takes that for asynchronous code, and
    `asyncio.run` of tests elsewhere would fail, so it ends with the module.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip(
            f"There is no Chromium at {path}: install Debian's package chromium, or name one in CHROMIUM."
        )
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=WAIT_MILLISECONDS)
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(params=looks(), ids=str)
def look(request):
    """Each look of this run in turn; a test that needs one look overrides it by parametrize."""
    return request.param


@pytest.fixture
def new_page(browser):
    """Open a page for a look; after the test, what any of them wrote to its console must be nothing.

    A browser also complains of every page that comes with an error code: `statuses` are those that a test asks for.
    """
    complaints, contexts = [], []

    def open_page(look, *, statuses=(), **options):
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
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.on("console", lambda message: _complain(complaints, message, statuses))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _complain(complaints, message, statuses):
    asked_for = any(f"responded with a status of {status}" in message.text for status in statuses)
    if message.type in {"error", "warning"} and not asked_for:
        complaints.append(f"{message.type}: {message.text}")


@pytest.fixture
def page(new_page, look):
    """One page in the look of the test."""
    return new_page(look)


@pytest.fixture
def assert_accessible():
    """What checks a page for everybody's use."""
    return accessible
