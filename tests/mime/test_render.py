"""The HTML of strangers: nothing runs, nothing is fetched, nothing can be clicked."""

import re
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, strategies as st

from mailhold.mime.htmltext import html_to_text
from mailhold.mime.limits import Limits
from mailhold.mime.parse import parse
from mailhold.mime.render import inline_images, safe_html

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://tracker.test/x.png' srcset='//t.test/x 2x'>",
        "<p style='background:url(https://t.test)'>x</p>",
        "<link rel=stylesheet href=https://t.test>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a title=x href='https://t.test'>x</a>",
        "<a href='https://t.test' target=_blank ping=//t.test>x</a>",
        "<form action=https://t.test><input name=password><button>go</button></form>",
        "<iframe src=https://t.test></iframe><object data=x></object><embed src=x>",
        "<svg><image href=https://t.test /></svg><math href='javascript:1'>x</math>",
        "<base href=https://t.test><meta http-equiv=refresh content='0;https://t.test'>",
        "<body background=https://t.test><table background=https://t.test><td background=//t.test>x</table>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<video poster=//t.test src=//t.test></video><audio src=//t.test></audio>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<p id=x class=y name=z>x</p>",
    ],
)
def test_nothing_runs_and_nothing_is_fetched(html):
    shown = safe_html(html, {})
    tags = re.findall(r"<[^>]*>", shown)
    assert not re.search(
        r"\b(?:on\w+|src|srcset|href|style|action|background|poster|id|class)=", " ".join(tags)
    )


def test_the_target_of_a_link_is_shown_and_leads_nowhere():
    assert safe_html('<a href="https://x.test/?a=1&b=&quot;">go</a>', {}) == (
        '<a title="https://x.test/?a=1&amp;b=&quot;">go</a>'
    )


def test_only_the_images_of_the_message_itself_are_shown():
    html = '<img src="cid:a@b" alt="A"><img src="cid:c" alt="C">'
    assert safe_html(html, {"a@b": "data:image/png;base64,AA=="}) == (
        '<img src="data:image/png;base64,AA==" alt="A"><img alt="C">'
    )


def test_html_nested_beyond_reason_is_shown_as_text():
    assert safe_html("<b>" * 5000 + "<script>x</script>deep &lt;i&gt;", {}) == "deep&#32;&lt;i&gt;"


@pytest.mark.parametrize(
    "html",
    ["<div>", "<b></p></p>", "<b></i></i>", "<table><b>", "<a><b>", "<b><p></b></p>", "<p><b>", "<td>"],
)
def test_hostile_html_is_cleaned_quickly(html):
    started = time.process_time()
    safe_html((html * 500_000)[:500_000], {})
    assert time.process_time() - started < 3


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(["<a ", 'href="', "x", '"', ">", "<", "</a>", " title='", "'", "<b>", "<svg>"]),
        max_size=30,
    ).map("".join)
)
def test_no_html_keeps_a_link_or_a_source(html):
    shown = safe_html(html, {})
    assert not re.search(r"<[a-z][^<>]*\s(?:href|src)=", re.sub(r'"[^"]*"', '""', shown))
    assert "\0" not in shown


def message_with_image(image=PNG, subtype="png"):
    message = EmailMessage()
    message.set_content("x")
    message.add_alternative('<img src="cid:pic@x">', subtype="html")
    message.get_payload()[1].add_related(image, "image", subtype, cid="<pic@x>")
    return message.as_bytes()


def test_inline_images_are_given_as_data():
    content = message_with_image()
    images = inline_images(content, parse(content))
    assert images["pic@x"].startswith("data:image/png;base64,iVBOR")
    assert '<img src="data:image/png;base64,iVBOR' in safe_html(parse(content).html, images)


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        (message_with_image(b"<svg onload=alert(1)>", "svg+xml"), Limits()),
        (message_with_image(b"no picture at all"), Limits()),
        (message_with_image(), Limits(image_bytes=10)),
        (message_with_image(), Limits(images_bytes=10)),
    ],
)
def test_what_is_no_harmless_small_picture_is_left_out(content, limits):
    assert inline_images(content, parse(content), limits) == {}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b<div>c</div>d", "a\nb\nc\nd"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ('<a href="https://x.test/a">here</a>', "here <https://x.test/a>"),
        ('<a href="https://x.test/">x.test</a>', "x.test"),
        ('<a href="mailto:a@x.test">a@x.test</a>', "a@x.test"),
        ('<a href="#top">up</a>', "up"),
        ("<style>p{}</style><script>x</script><title>t</title>body", "body"),
        ("<!-- hidden -->shown", "shown"),
        ("1 < 2 &amp; 3&nbsp;&gt; 2", "1 < 2 & 3\xa0> 2"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc"),
        (
            "<table><tr><td><p>a</p></td><td><div>b</div></td></tr><tr><td></td><td>c</td></tr></table>",
            "a\tb\n\tc",
        ),
        ("a\tb&#9;c<span style='white-space:pre'>\t</span>d<br>\te \t f", "a\tb\tc\td\ne\tf"),
        ("<p>\n\t\tone\n\t\ttwo</p>", "one two"),
        ("<table><tr>\t<td>\ta\t</td>\t<td>b</td></tr></table>", "a \tb"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n  b"),
        ('<img alt="Logo" src=x>', "[Logo]"),
        ("&#99999999999999999999999999;x", "\ufffdx"),
        ("<p title='unended>x", "x"),
    ],
)
def test_html_reads_as_text(html, text):
    assert html_to_text(html) == text
