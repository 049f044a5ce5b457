"""Words within the Office formats of 1997 to 2003."""

import base64
import struct
import zlib

import pytest
from made_files import doc, mail, ole, ppt

from mailhold.mime.inspection import inspect

# A workbook written by xlwt: a sheet with a hidden row and a hidden column, and one that is "very hidden".
XLS = zlib.decompress(
    base64.b64decode(
        "eNrtWF1IVEEU/mbudXe1XXfd1kAjWVwy8wc1rexBN4PyKbES+lEodZcSTXMzwiiyzJcgEIOg6EWwIAKrl36ooF7Ch8iwhygI"
        "1nrsKSgIUm9nzt71LwMFk5T73Z0zM2fOuXNm5pyZ2ft2OCXa/yB9FLNQDg0TRiJs03iCUmK84gG1G4YqxnMHJcPCskKigxbS"
        "loCnrtd2tYZqvUchcV9/SRT4TKkOJ1DV1hr2LyF2sA31QtlQJnTyPYmblJKRxnZ5mTYyXc30Hss+Y7qdOVeYlpFsVBzCcLAq"
        "p9T04wMyk9uSiQo8Yp2PzClCKoaUH5/vFTHZBFREmupbVkpDhu7EAGitK8Ot4Yiqe3ELLqAwEMgPBEySobtwWwV0J6HgeEEo"
        "Ch/5xgB+GH7ge3wTeOG3+EvLFyD+z5l8+1/4DlrYufiJtLSz+VelDnTBOCJURPTAibu6apHCVRM820OR4iSfkWTDvnBjJNwx"
        "hmY+C1QiDXeLq4ayX9faL1OsttcVnso5+KZXedW2wvyiTcUl+Zu3bC0liZK+7KNJwLGmUCjc6o+0ndYoittaplhUcUC8qvXj"
        "JMIU4BGiHUhSXfFW5ZmxVbk4gJ1EQ3BzOYXD2EODH7vzbWR3Q3XwMHO6+HhSgSCwXg0WBi4oDec50tfo6Vvl5iMOMpklE5gq"
        "yRx+Qy7Ti9zLWi6nM/WRJOVZ1almYVc3y1zi1izqt5jxLrhhWjmbyj1f9zzO6PkS3EjlwcrRM77B98F+ZNKkhthOgW7kiTxx"
        "47rCk2A8F+b294lp2h9boUN6TNsN8+R2Y5znEDQ/CrGami0xWdOoZjO1xRzagrWlKS9YW5usKW27qS3ZKWZqS9ZWs6nJ2Lbr"
        "pXLUl/thvELpaGzBlM5zatd4RCNDkjRrpbLXhnXElWbP6roRU7AjQ6ifpl6l89BiLX6ze527V0taLr14qKyhU2IKi+lgmOVg"
        "cYcSk3S5OpSY06Ec8VnFXLNqwYIFCxYsWPjfIPiqBr5O6eal18YXqth3nXFKE9ZnkhWLvWijp4P+De5EK+URdC7If9YgQcTf"
        "JeapE/9eqLCfeo/Qf8kGtqN5wf5L91YxfTzzVvQsXggttP+Jhdj5j/v/DQzkK3E="
    )
)


def read(name, content):
    found = inspect(mail((name, content)))
    return found.pieces[2:], found.files[0]


def test_an_old_workbook_is_read_with_what_is_hidden_in_it():
    pieces, file = read("a.xls", XLS)
    assert [(piece.path[1], piece.hidden) for piece in pieces] == [
        ("名簿", False),
        ("名簿", True),
        ("Secret", True),
    ]
    assert pieces[0].rows == (
        ("氏名", "電話"),
        ("山田太郎", "090-1234-5678"),
        ("鈴木", "080-1234-5678"),
        ("2024-11-24", "1.5"),
    )
    assert ("hidden row",) in pieces[1].rows
    assert ("", "", "", "hidden col") in pieces[1].rows
    assert pieces[2].rows == (("密 secret",),)
    assert file.inspected


def test_an_old_workbook_with_a_password_is_encrypted():
    at = XLS.index(struct.pack("<HH", 0x85, 12))  # the first list entry gives way to the mark of encryption
    _, file = read("a.xls", XLS[:at] + struct.pack("<HH", 0x2F, 12) + XLS[at + 4 :])
    assert (file.encrypted, file.opened, file.problem) == (True, False, "encrypted")


def test_an_old_document_is_read_with_its_tables():
    text = "社外秘\r氏名\x07電話\x07\x07山田\x07090-1111-2222\x07\x07以上\r"
    pieces, file = read("a.doc", doc(text, narrow="plain piece\r"))
    assert pieces[0].text.split() == ["社外秘", "以上", "plain", "piece"]
    assert pieces[1].rows == (("氏名", "電話"), ("山田", "090-1111-2222"))
    assert file.inspected


def test_an_old_document_with_a_password_is_encrypted():
    _, file = read("a.doc", doc("x", flags=0x0300))
    assert (file.encrypted, file.problem) == (True, "encrypted")


def test_an_old_presentation_is_read_with_its_notes():
    pieces, file = read("a.ppt", ppt("題名\r社外秘", "speaker secret"))
    assert (pieces[0].text, pieces[0].hidden) == ("題名\n社外秘", False)
    assert (pieces[1].text, pieces[1].hidden) == ("speaker secret", True)
    assert file.inspected


def test_an_old_presentation_with_a_password_is_encrypted():
    _, file = read("a.ppt", ppt("x", "y", user=bytes(12) + b"\xdf\xc4\xd1\xf3" + bytes(8)))
    assert (file.encrypted, file.problem) == (True, "encrypted")


@pytest.mark.parametrize("stream", ["WordDocument", "Workbook", "PowerPoint Document", "EncryptedPackage"])
def test_a_file_that_only_claims_to_be_one_is_damaged(stream):
    _, file = read("a.doc", ole({stream: b"nothing of the kind"}))
    assert (file.inspected, file.problem) == (False, "damaged")


def test_outlook_messages_are_said_to_be_unread():
    _, file = read("a.msg", ole({"__properties_version1.0": b""}))
    assert (file.detected_type, file.problem) == ("application/vnd.ms-outlook", "unsupported")
