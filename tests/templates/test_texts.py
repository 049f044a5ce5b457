"""Texts of templates: all of them have their Japanese, and notices are what a mail client can show."""

import ast
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation.template import templatize

TEMPLATES = settings.BASE_DIR / "templates"
NOTICES = sorted(path.name for path in (TEMPLATES / "mail").iterdir() if path.is_dir())
NOW = datetime(2026, 11, 24, 2, 2, tzinfo=UTC)
URL = "https://mailhold.example.test/a/0123456789"
MAIL = {
    "person_name": "Bob <b>Baker</b>",
    "sender_name": "山田 太郎",
    "subject": "見積書 & <script>",
    "domains": "customer-tokyo.example",
    "reasons": ["社外の宛先があります", "添付があります"],
    "external_count": 2,
    "internal_count": 1,
    "recipients": ["hanako@customer-tokyo.example"],
    "files": ["見積書.pdf"],
    "deadline": NOW,
    "release_at": NOW,
    "time_zone_name": "JST",
    "url": URL,
    "undo_url": "",
    "approvers": ["佐藤 花子", "Bob Baker"],
    "approver_name": "佐藤 花子",
    "decided_at": NOW,
    "reason": "宛先違い",
    "comment": "確認してください",
    "left": "2 hours",
    "failures": [
        SimpleNamespace(
            address="x@partner.example", reply_text="No such user", reply_code=550, enhanced_status="5.1.1"
        )
    ],
    "return_text": "One line.\nAnother.",
    "organisation": "Example Trading",
}
_CALL = re.compile(r"""(?:gettext|_)\(\s*u?((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))""")


def texts(path):
    """Return every text of a template that is to be translated."""
    return {ast.literal_eval(found) for found in _CALL.findall(templatize(path.read_text(encoding="utf-8")))}


def notice(name, part, language, **changes):
    with translation.override(language), timezone.override("Asia/Tokyo"):
        return render_to_string(f"mail/{name}/{part}", {**MAIL, **changes})


@pytest.mark.parametrize(
    "path",
    [p for p in TEMPLATES.rglob("*") if p.suffix in {".html", ".txt"}],
    ids=lambda p: str(p.relative_to(TEMPLATES)),
)
def test_every_text_of_a_template_has_its_japanese(path):
    with translation.override("ja"):
        assert [text for text in texts(path) if translation.gettext(text) == text] == []


def test_the_extraction_finds_texts_of_all_kinds():
    found = texts(TEMPLATES / "mail" / "approval_request" / "body.txt")
    assert "Look at it and decide" in found
    assert "Hello %(person_name)s," in found
    assert "D j M Y, H:i" in found


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.tags = [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", NOTICES)
class TestEveryNotice:
    def test_has_a_subject_of_one_line_with_nothing_escaped(self, name, language):
        subject = notice(name, "subject.txt", language)
        assert subject.count("\n") == 1
        assert "見積書 & <script>" in subject

    def test_has_a_text_that_reads_as_it_was_written(self, name, language):
        text = notice(name, "body.txt", language)
        assert "&amp;" not in text
        assert "\n\n\n" not in text
        assert text.startswith({"ja": "Bob <b>Baker</b> さん", "en": "Hello Bob <b>Baker</b>,"}[language])

    def test_has_one_link_no_picture_and_nothing_that_runs(self, name, language):
        html = notice(name, "body.html", language, undo_url="" if name != "approval_receipt" else URL)
        seen = Links()
        seen.feed(html)
        # Whom a policy only tells of a mail has nothing to do, and may not be one who can open it.
        assert seen.links == ([] if name == "notified" else [URL])
        assert not seen.tags & {"img", "script", "b", "iframe", "form", "link"}
        assert f'<html lang="{language}">' in html

    def test_makes_do_without_what_may_be_missing(self, name, language):
        nothing = dict.fromkeys(("person_name", "subject", "comment", "reason", "approver_name", "url"), "")
        for part in ("subject.txt", "body.txt", "body.html"):
            text = notice(name, part, language, **nothing, files=[], reasons=[], approvers=[], deadline=None)
            assert "None" not in text


def test_the_request_names_the_deadline_in_the_readers_time_zone_and_what_happens_after_it():
    text = notice("approval_request", "body.txt", "ja")
    assert "■ 期限: 2026/11/24(火) 11:02 (JST)" in text
    assert "送信せずに差出人へ戻します" in text
    assert "開いただけでは承認されません" in text
    assert URL in text


def test_the_request_tells_who_sends_where():
    assert notice("approval_request", "subject.txt", "ja").startswith(
        "【承認依頼】山田 太郎 → customer-tokyo.example:"
    )
    assert notice("approval_request", "subject.txt", "en").startswith(
        "[Approval needed] 山田 太郎 to customer-tokyo.example:"
    )


def test_a_failure_names_the_recipient_and_the_reply():
    assert "x@partner.example: No such user (SMTP 550 5.1.1)" in notice("not_delivered", "body.txt", "en")


def test_a_receipt_offers_the_way_back_only_while_there_is_one():
    assert URL not in notice("approval_receipt", "body.html", "en")
    assert "/undo/1" in notice(
        "approval_receipt", "body.txt", "en", undo_url="https://mailhold.example.test/undo/1"
    )
