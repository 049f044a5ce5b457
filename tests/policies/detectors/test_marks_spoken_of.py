"""Words for confidentiality that mark this mail, and those that only speak of marks, classes, labels and titles."""

from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


MARKS = [
    ("【社外秘】来期の計画", "社外秘"),
    ("┏━━━━━┓\n┃　社外秘　┃\n┗━━━━━┛\n来期の人員計画", "社外秘"),
    ("╔════════╗\n║ 秘密情報 ║\n╚════════╝\n開示は貴社に限ります。", "秘密情報"),
    ("★☆★☆ 機密 ☆★☆★\n新店舗の候補地", "機密"),
    ("■□■ 極秘 ■□■\n統合案", "極秘"),
    ("＝＝＝ 取扱注意 ＝＝＝", "取扱注意"),
    ("-----------------\n| CONFIDENTIAL |\n-----------------", "CONFIDENTIAL"),
    ("　　　　極　　秘\n役員会資料", "極 秘"),
    ("社　外　秘\n2026年度予算案", "社 外 秘"),
    ("機密性３情報\n令和9年度概算要求について", "機密性3情報"),
    ("機密性2\n配布先：各課", "機密性2"),
    ("役員限り\n来期の異動案", "役員限り"),
    ("（取締役会限り）決算の見通し", "取締役会限り"),
    ("本資料は管理職限りです。", "管理職限り"),
    ("社外秘・転送禁止\n価格改定案", "社外秘 転送禁止"),
    ("Confidential / Internal Use Only\nBudget", "Confidential; Internal Use Only"),
    ("Draft – Confidential – Attorney-Client Privileged", "Confidential"),
    ("極秘事業計画書をお送りします。", "極秘"),
    ("社外秘資料を添付しました。ご覧いただけますか？", "社外秘"),
    ("Attached is the confidential term sheet. Could you sign it?", "confidential"),
    ("極秘で進めている案件の資料です。", "極秘"),
    ("こちらの内容は社外秘ですので、取り扱いにご注意ください。", "社外秘"),
    ("この表は社外秘のため、社内でのみご利用ください。", "社外秘"),
    ("Sensitivity: Confidential\n\nSalary bands 2027", "Confidential"),
    ("分類：極秘", "極秘"),
]
TALK = [
    # classes of papers
    "資料には、公開、社内、部外秘、極秘の4種類があります。",
    "区分は公開・社外秘・極秘から選びます。",
    "機密レベルは「一般」「社外秘」「極秘」のいずれかです。",
    "社外秘か極秘かで保管場所が変わります。",
    "極秘、社外秘、公開の順に並べてください。",
    "文書の種類（公開／社外秘／極秘）を選択してください。",
    "Labels available: Public, Internal, Confidential, Secret.",
    "We sort papers into public, internal, confidential and secret.",
    "There are three classes: open, confidential and top secret.",
    "Choose one of Public / Internal / Confidential / Restricted.",
    # which mark to use
    "社外秘と部外秘のどちらを付けるべきでしょうか。",
    "この見積書は社外秘にしますか、それとも公開でよいですか？",
    "表紙に社外秘と入れたほうがよいでしょうか？",
    "社外秘扱いにする必要はありますか？",
    "極秘と社外秘の違いは何ですか。",
    "部外秘で登録すればよろしいですか。",
    "Should we mark this confidential or internal only?",
    "Do we label the slides confidential?",
    "Which is stricter, confidential or internal use only?",
    "Is the price list still confidential?",
    # labels, stamps, how to mark
    "How do I set the Confidential label in Outlook?",
    "Where did the Confidential watermark go?",
    "Please order a new CONFIDENTIAL stamp.",
    "「取扱注意」ラベルを箱の上面に貼ってください。",
    "取扱注意シールを50枚発注します。",
    "封筒に「親展」と記載してください。",
    "表紙の右上に「社外秘」と明記すること。",
    "社外秘のゴム印を作り直します。",
    "フッターに社外秘と表示される設定の直し方",
    "転送禁止の設定方法を教えてください。",
    # titles and sayings
    "映画『極秘任務』の試写会に当たりました。",
    "極秘裏に来日した俳優の記事を読みました。",
    "小説「社外秘」の感想です。",
    "We have tickets for the film L.A. Confidential tonight.",
    "Webinar: trade secret law for start-ups",
    "機密文書溶解サービスのご案内",
    "機密書類の出張裁断 1箱 2,000円",
    # no longer
    "部外秘だった資料が公開されました。",
    "社外秘でしたが、来週から一般に公開します。",
    "The report used to be confidential and is on our website now.",
    "Formerly confidential files were released by the archive.",
    "社外秘情報の漏えい事故を受けて、研修を行います。",
]


def marks(text):
    return [one.value for one in find([Piece(text)]) if one.type == "CONFIDENTIAL_MARK"]


@pytest.mark.parametrize(("text", "expected"), MARKS, ids=lambda value: value[:24])
def test_what_marks_this_mail_is_a_mark(text, expected):
    assert marks(text)
    assert set(" ".join(marks(text)).split()) <= set(expected.replace(";", "").split())


@pytest.mark.parametrize("text", TALK, ids=lambda text: text[:24])
def test_talk_about_marks_is_none(text):
    assert marks(text) == []
