"""Plain text and tables written as text, in the charsets that Japanese offices send."""

import pytest
from made_files import mail

from mailhold.mime.inspection import InspectionLimits, inspect

TABLE = "氏名,電話番号\r\n髙橋 一郎,090-1234-5678\r\n山﨑 花子,080-8765-4321\r\n"
ROWS = (("氏名", "電話番号"), ("髙橋 一郎", "090-1234-5678"), ("山﨑 花子", "080-8765-4321"))


def only_piece(content, name, **options):
    found = inspect(mail((name, content)), **options)
    pieces = [piece for piece in found.pieces if piece.where == f"attachment:{name}"]
    assert len(pieces) == 1, pieces
    return pieces[0]


@pytest.mark.parametrize(
    "codec",
    ["cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "euc_jis_2004", "iso2022_jp_3"],
)
def test_a_table_is_read_in_every_charset(codec):
    table = (
        TABLE.replace("髙", "高").replace("﨑", "崎") if codec in {"euc_jis_2004", "iso2022_jp_3"} else TABLE
    )
    rows = tuple(tuple(cell.replace("髙", "高").replace("﨑", "崎") for cell in row) for row in ROWS)
    piece = only_piece(table.encode(codec), "名簿.csv")
    assert piece.rows == (ROWS if table is TABLE else rows)
    assert piece.text == ""


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    content = TABLE.replace(",", delimiter).encode("cp932")
    assert only_piece(content, "list.csv").rows == ROWS


def test_a_quoted_cell_may_hold_delimiters_and_lines():
    piece = only_piece(b'name,address\n"Tanaka, Taro","1-2-3\nTokyo"\n', "list.csv")
    assert piece.rows[1] == ("Tanaka, Taro", "1-2-3\nTokyo")


@pytest.mark.parametrize(
    "lines",
    [
        ("Name: Odette Wadsworth", "SSN = 020-30-5378", "Cell - 919-450-7294", "Birthday: July 19, 1978"),
        ("Date of birth: July 19, 1978", "Date of entry: May 2, 2020"),
        ("Total: 1,250,000 yen", "Paid", "Closed"),
    ],
    ids=["one date among lines", "label and date in each line", "an amount"],
)
def test_commas_of_dates_and_amounts_divide_no_lines_into_columns(lines):
    piece = only_piece("\r\n".join(lines).encode(), "notes.csv")
    assert piece.rows == tuple((line,) for line in lines)


@pytest.mark.parametrize(
    "text",
    ["List of May\n\nDraft\nname,phone\n", "Title\nNote\nMore\nTanaka,0312345678\n", "a, b\n1, 2\n3, 4\n"],
    ids=["a header below a title", "digits in the next column", "spaces behind commas"],
)
def test_few_lines_with_columns_are_still_columns(text):
    assert max(len(row) for row in only_piece(text.encode(), "list.csv").rows) == 2


def test_a_text_file_is_prose():
    piece = only_piece("担当: 山田\r\n電話は 03-1234-5678 です。\r\n".encode("cp932"), "memo.txt")
    assert piece.text == "担当: 山田\n電話は 03-1234-5678 です。\n"
    assert piece.path == ("memo.txt",)


def test_a_text_file_whose_lines_fall_into_columns_is_a_table():
    content = "name\tphone\tmail\nA\t090-1111-2222\ta@example.com\nB\t090-3333-4444\tb@example.com\n"
    assert only_piece(content.encode(), "list.txt").rows[1] == ("A", "090-1111-2222", "a@example.com")


def test_a_wrong_charset_label_does_not_hide_the_text():
    content = mail(("memo.txt", "社外秘の資料です".encode()), content_type="text/plain")
    wrong = content.replace(b"Content-Type: text/plain\n", b'Content-Type: text/plain; charset="shift_jis"\n')
    assert wrong != content
    assert "社外秘の資料です" in [piece.text for piece in inspect(wrong).pieces]


def test_html_is_read_as_prose_and_its_tables_as_rows_too():
    html = (
        "<p>社外秘</p><table><tr><th>Name<th>Phone<tr><td>A<td>090-1111-2222</table><script>x='no'</script>"
    )
    pieces = inspect(mail(("list.html", html.encode()))).pieces
    assert "社外秘" in pieces[2].text
    assert "no" not in pieces[2].text
    assert pieces[3].rows == (("Name", "Phone"), ("A", "090-1111-2222"))


def test_a_text_beyond_the_limit_is_read_up_to_it_and_said_to_be_unread():
    limits = InspectionLimits(text_characters=1_000)
    found = inspect(mail(("big.txt", b"password\n" * 1_000)), limits=limits)
    assert len(found.pieces[-1].text) == 1_000
    assert (found.files[0].inspected, found.files[0].problem) == (False, "too_large")
    assert not found.inspected


def test_cells_beyond_the_limit_are_said_to_be_unread():
    found = inspect(mail(("big.csv", b"a,b\n" * 1_000)), limits=InspectionLimits(cells=100))
    assert len(found.pieces[-1].rows) == 50
    assert found.files[0].problem == "too_large"


def test_html_beyond_the_limit_is_said_to_be_unread():
    html = b"<p>seen</p>" + b"<b></b>" * 1_000 + b"<p>secret</p>"
    found = inspect(mail(("a.html", html)), limits=InspectionLimits(text_characters=1_000))
    assert "seen" in found.pieces[-1].text
    assert found.files[0].problem == "too_large"
