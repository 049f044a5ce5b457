import re
from pathlib import Path

import pytest
from django.utils.translation import override

from audit.models import Event
from audit.sentences import SENTENCES
from audit.tags import Tag

DOCUMENT = Path(__file__).parents[2] / "docs" / "events.md"


def rows():
    """The table of events: tag to its cells."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")
    ]
    return {row[0].strip("`"): row[1:] for row in cells if ":" in row[0] and " " not in row[0]}


@pytest.mark.parametrize("tag", Tag)
def test_every_event_has_a_sentence_in_both_languages(tag):
    with override("en"):
        english = str(SENTENCES[tag])
    with override("ja"):
        japanese = str(SENTENCES[tag])
    assert english.isascii()
    assert re.search("[ぁ-ん]", japanese)


def test_the_document_has_a_row_for_every_event_and_no_other():
    assert list(rows()) == [str(tag) for tag in Tag]


@pytest.mark.parametrize("tag", Tag)
def test_the_document_says_what_pages_say(tag):
    english, japanese, when = rows()[tag]
    with override("en"):
        assert english == str(SENTENCES[tag])
    with override("ja"):
        assert japanese == str(SENTENCES[tag])
    assert when


@pytest.mark.parametrize("tag", Tag)
def test_a_tag_is_object_subject_action_and_fits_its_column(tag):
    assert re.fullmatch("[a-z_]+:[a-z_]+:[a-z_]+", tag)
    assert len(tag) <= Event._meta.get_field("tag").max_length
