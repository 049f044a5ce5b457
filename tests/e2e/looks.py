"""How pages are looked at: windows, languages, colours, and the rules that they must keep."""

import os
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe

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


# Both devices, languages and colour schemes; their every combination where MAILHOLD_EVERY_LOOK is set (nightly).
LOOKS = [Look("desk", "en", "dark"), Look("phone", "ja", "light")]
EVERY_LOOK = [
    Look(device, language, scheme)
    for device in ("desk", "phone")
    for language in ("ja", "en")
    for scheme in ("light", "dark")
]


def looks():
    """Return the looks of this run."""
    return EVERY_LOOK if os.environ.get("MAILHOLD_EVERY_LOOK") else LOOKS


def sideways(page):
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def accessible(page, *, preload=True):
    """Check a page: nothing against WCAG 2.2 AA or axe's best practice, and no scrolling sideways.

    Before its rules axe makes copies of the style sheets in the page. Where those name further ones, as in the
    administration, the page forbids the copies and says so in the console; without `preload` axe leaves that out.
    """
    # The only frame is the sandboxed preview of a mail, in which nothing may run, axe neither.
    rules = {"type": "tag", "values": RULES}
    found = Axe().run(page, options={"runOnly": rules, "iframes": False, "preload": preload})
    assert found.violations_count == 0, f"{page.url}:\n{found.generate_report()}"
    assert not sideways(page), f"{page.url} is {sideways(page)} px wider than its window"


def fits_a_narrow_window(page):
    """Check that nothing scrolls sideways at 320 pixels; the window is as before afterwards."""
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert not sideways(page), f"{page.url} is {sideways(page)} px too wide at 320 px"
    page.set_viewport_size(before)
