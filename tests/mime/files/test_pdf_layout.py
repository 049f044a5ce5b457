"""Lines and tables of a PDF page from pieces of text that stand somewhere on the paper."""

import time

import pytest

from mailhold.mime.files.pdf_layout import Piece, laid_out


def page(*lines: tuple[float, tuple[tuple[float, str], ...]]) -> list[Piece]:
    return [Piece(x, y, 8, text) for y, pieces in lines for x, text in pieces]


def test_cells_beside_each_other_become_a_row_whatever_order_they_were_written_in():
    pieces = page(
        (700, ((30, "氏名"), (110, "携帯"))),
        (683, ((30, "乾 茜"), (110, "090-3812-5567"))),
        (666, ((30, "辻 晴"), (110, "080-3344-1199"))),
    )
    assert laid_out(pieces[::-1]) == "氏名\t携帯\n乾 茜\t090-3812-5567\n辻 晴\t080-3344-1199"


def test_an_empty_cell_keeps_its_column():
    pieces = page(
        (700, ((30, "氏名"), (110, "備考"), (180, "携帯"))),
        (683, ((30, "乾 茜"), (110, "済"), (180, "090-3812-5567"))),
        (666, ((30, "辻 晴"), (180, "080-3344-1199"))),
    )
    assert laid_out(pieces).splitlines()[2] == "辻 晴\t\t080-3344-1199"


@pytest.mark.parametrize("above", [True, False])
def test_a_cell_of_two_lines_is_one_cell_of_its_row(above):
    first, second = (692, 683) if above else (683, 674)
    whole = second if above else first
    pieces = page(
        (709, ((30, "氏名"), (110, "携帯"), (200, "住所"))),
        (first, ((200, "奈良県桜井市辻6-7 サン"),)),
        (second, ((200, "ハイツ2F"),)),
        (whole, ((30, "乾 茜"), (110, "090-3812-5567"))),
        (650, ((30, "辻 晴"), (110, "080-3344-1199"), (200, "奈良県桜井市粟殿1"))),
    )
    assert laid_out(pieces).splitlines()[1] == "乾 茜\t090-3812-5567\t奈良県桜井市辻6-7 サンハイツ2F"


def test_a_page_of_prose_is_left_as_it_is():
    pieces = page(
        (700, ((30, "お世話になっております。"),)),
        (689, ((30, "資料を送ります。"),)),
    )
    assert laid_out(pieces) == ""


def test_two_columns_of_prose_are_no_table():
    line = "長い文章が二段に組まれている紙面の一行であり、表の升目ではありません。"
    pieces = page(*((700 - 11 * at, ((30, line), (330, line))) for at in range(8)))
    assert laid_out(pieces) == ""


def test_words_that_were_written_in_pieces_are_joined():
    pieces = page(
        (700, ((30, "Na"), (38, "me"), (110, "Mo"), (118, "bile"))),
        (683, ((30, "Ada Okafor"), (110, "312-555-0142"))),
        (666, ((30, "Bo Lee"), (110, "312-555-0143"))),
    )
    assert laid_out(pieces).splitlines()[0] == "Name\tMobile"


def test_the_time_for_a_page_grows_with_its_pieces():
    pieces = [
        Piece(30 + 60 * column, 100_000 - 17 * row, 8, "あ") for row in range(4_000) for column in range(5)
    ]
    begun = time.process_time()
    assert laid_out(pieces).count("\n") == 3_999
    assert time.process_time() - begun < 3
