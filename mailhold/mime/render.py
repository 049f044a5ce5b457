"""HTML of strangers made safe to show: nothing runs, nothing is fetched, nothing can be followed by mistake.

The result is still to be shown in a sandboxed frame without scripts: two walls are better than one.
"""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from urllib.parse import unquote

import nh3

from mailhold.mime.charsets import clean
from mailhold.mime.htmltext import html_to_text
from mailhold.mime.layout import arrange
from mailhold.mime.limits import DEFAULT_LIMITS, Limits
from mailhold.mime.parse import ParsedMessage
from mailhold.mime.structure import Part, read_structure

__all__ = ["html_to_text", "inline_images", "safe_html"]

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_DROPPED_WITH_CONTENT = frozenset(
    {
        "script",
        "style",
        "title",
        "template",
        "textarea",
        "iframe",
        "noembed",
        "noframes",
        "svg",
        "math",
        "select",
        "xmp",
    }
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),  # without this, nh3 adds title and lang
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign", "scope"},
    "tr": {"align", "valign"},
    "col": {"span"},
    "colgroup": {"span"},
    "table": {"border", "cellpadding", "cellspacing"},
    "p": {"align", "dir"},
    "div": {"align", "dir"},
    "ol": {"start", "type"},
}
# Only shown as text beside the link, never as something to click.
_LINK_SCHEMES = {"http", "https", "mailto", "tel", "ftp"}
# nh3 writes every attribute as name="value" with quotes escaped, and `a` keeps no other attribute than this one.
_LINK = re.compile(r'<a href="')
_FRAGMENT_LINK = re.compile(r'<a title="#[^"]*"')

_SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
_NUMBER = re.compile(r"[0-9]{1,4}%?")
_NESTING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
_DEEPEST = 200
# Elements that hold nothing, or that end by themselves where the next one begins.
_NOT_NESTING = frozenset(
    [
        "br",
        "hr",
        "img",
        "meta",
        "link",
        "input",
        "col",
        "area",
        "base",
        "wbr",
        "embed",
        "param",
        "source",
        "p",
        "li",
        "dd",
        "dt",
        "td",
        "th",
        "tr",
        "option",
        "tbody",
        "thead",
        "tfoot",
    ]
)


def safe_html(html: str, inline_images: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> str:
    """Return `html` with harmless tags and attributes only.

    Images are shown only where their `cid:` is a key of `inline_images` (values are data: addresses); others leave
    their alternative text. Links cannot be followed: their target stands in their title. HTML that is nested beyond
    reason is shown as its text.
    """
    html = clean(html[: limits.text_characters])
    if _nested_too_deep(html):
        return nh3.clean_text(html_to_text(html)).replace("&#10;", "<br>").replace("\n", "<br>")

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return _image_source(value, inline_images)
        if attribute in {"width", "height"}:
            return value if _NUMBER.fullmatch(value) else None
        return value

    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={*_LINK_SCHEMES, "cid", "data"},
        link_rel=None,
    )
    return _FRAGMENT_LINK.sub("<a", _LINK.sub('<a title="', cleaned))


def _image_source(value: str, inline_images: Mapping[str, str]) -> str | None:
    scheme, _, content_id = value.strip().partition(":")
    if scheme.lower() != "cid":
        return None
    return inline_images.get(content_id) or inline_images.get(unquote(content_id))


def _nested_too_deep(html: str) -> bool:
    """Tell whether elements stand more than 200 deep in each other, which costs an HTML parser quadratic time."""
    opened: Counter[str] = Counter()
    depth = 0
    for found in _NESTING.finditer(html):
        name = found[2].lower()
        if not found[1]:
            if name not in _NOT_NESTING:
                opened[name] += 1
                depth += 1
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
        if depth > _DEEPEST:
            return True
    return False


def inline_images(content: bytes, parsed: ParsedMessage, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Return the images of a message that its HTML can show: Content-ID to data: address.

    Only PNG, JPEG, GIF and WebP whose bytes begin as such, within the limits on images. SVG is a program, no picture.
    """
    if parsed.html is None or "cid:" not in parsed.html.lower():
        return {}
    images: dict[str, str] = {}
    left = limits.images_bytes
    for part in arrange(read_structure(content, limits).root).attachments:
        if part.content_type not in _SIGNATURES or not part.content_id or part.content_id in images:
            continue
        raw = _image(part, min(left, limits.image_bytes))
        if raw:
            left -= len(raw)
            images[part.content_id] = f"data:{part.content_type};base64,{b64encode(raw).decode('ascii')}"
    return images


def _image(part: Part, most: int) -> bytes:
    if part.end - part.block.body > most * 3:
        return b""
    raw, _ = part.decoded()
    return raw if len(raw) <= most and raw.startswith(_SIGNATURES[part.content_type]) else b""
