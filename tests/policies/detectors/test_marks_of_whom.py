"""Marks made of whom something is kept from, and of what must not be done with it; in either language, and where they are none."""

from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


MARKS = [
    ("社外非公開\n来月の会議で決めます。", "社外非公開"),
    ("【社外への開示禁止】\n試算の前提", "社外への開示禁止"),
    ("【社外配布禁止】価格の案をお知らせします。", "社外配布禁止"),
    ("《社外持出厳禁》", "社外持出厳禁"),
    ("[社外持ち出し禁止]\n買収先の候補", "社外持ち出し禁止"),
    ("【役員外秘】\n仕入価格", "役員外秘"),
    ("＜関係部署限り＞\n見込みを含みます。", "関係部署限り"),
    ("本資料は第三者への開示禁止です。", "第三者への開示禁止"),
    ("添付は課内限りでお願いします。", "課内限り"),
    ("※グループ外への共有禁止", "グループ外への共有禁止"),
    ("この表は社外非公開とします。", "社外非公開"),
    ("関係者以外閲覧禁止", "関係者以外閲覧禁止"),
    ("部外極秘", "部外極秘"),
    ("** Strictly Internal **\nCost of the product", "Strictly Internal"),
    ("Hello,\n\nDo Not Distribute\n\nthe plan is below.", "Do Not Distribute"),
    ("[Not for External Distribution] Budget", "Not for External Distribution"),
    ("< For Internal Use >", "For Internal Use"),
    ("(For internal circulation only)\nMinutes", "For internal circulation only"),
    ("=== DO NOT FORWARD ===", "DO NOT FORWARD"),
    ("Board Only\nDraft of the accounts", "Board Only"),
]
NONE = [
    "契約書には第三者への開示禁止条項があります。",
    "この規程は社外への開示禁止を定めます。",
    "社外への開示禁止に違反した場合は処分されます。",
    "社外非公開だった資料を公開しました。",
    "社外非公開ではありません。",
    "社外配布禁止と記載してください。",
    "社外持ち出し禁止のルールを守ってください。",
    "社外非公開と部外秘のどちらを付けますか。",
    "社員限りの特典をご用意しました。",
    "Please do not distribute this.",
    "Please keep this to yourself and\ndo not share\n\nBest",
    "Leave the tray as it is,\nDo not share\nyour badge either.",
    "The tool (for internal use) will be replaced.",
    "Need to know\nThe canteen is closed on Friday.",
]


def marks(text):
    return [one.value for one in find([Piece(text)]) if one.type == "CONFIDENTIAL_MARK"]


@pytest.mark.parametrize(("text", "expected"), MARKS, ids=lambda value: value[:24])
def test_a_mark_is_reported_with_whom_it_names(text, expected):
    assert marks(text) == [expected]


@pytest.mark.parametrize("text", NONE, ids=lambda text: text[:24])
def test_rules_and_sentences_with_the_same_words_are_no_marks(text):
    assert marks(text) == []
