"""Numbers, secrets and marks as companies write of them, in wordings that no detector knew; half are traps."""

from collections import Counter
from dataclasses import dataclass

import pytest

from policies.detectors.find import find


@dataclass(frozen=True)
class Piece:
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    where: str = "body"


def table(*lines: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in lines)


# Text or table; then what is to be found.
SENSITIVE = [
    (
        "年末調整の件、配偶者のマイナンバーが抜けていたので追記します→5572 5708 9414",
        "MY_NUMBER 5572 5708 9414",
    ),
    ("個人番号確認書類（通知カード写し）より転記：650749422534", "MY_NUMBER 650749422534"),
    ("マイナ番号控え\n本人 461713295300\n妻 854819817242", "MY_NUMBER 461713295300; MY_NUMBER 854819817242"),
    ("Here's the 12-digit My Number from the back of my card: 867905114992", "MY_NUMBER 867905114992"),
    ("emp=10233;mynumber=165230624304;dept=sales", "MY_NUMBER 165230624304"),
    (
        "ご本人様のマイナンバーは以下でお間違いないでしょうか。\n\n　　１９９９－４１００－６４１９\n",
        "MY_NUMBER 1999-4100-6419",
    ),
    (table("社員CD|MN（12桁）|入社日", "10233|471629204957|2025-04-01"), "MY_NUMBER 471629204957"),
    ("番号確認：個人番号カード裏面 941325868707", "MY_NUMBER 941325868707"),
    ("扶養に入れる長男の分です。マイナンバー、987135203903で登録をお願いします。", "MY_NUMBER 987135203903"),
    ("国税庁の法人番号公表サイトで確認したところ 5747884488828 でした。", "CORPORATE_NUMBER 5747884488828"),
    ("適格請求書発行事業者 登録No. T 5296309850719", "CORPORATE_NUMBER 5296309850719"),
    ("Our JCT qualified invoice number is T6820073447129.", "CORPORATE_NUMBER 6820073447129"),
    ("商号 山海物産 ／ 法人番号（13桁）8651196747344", "CORPORATE_NUMBER 8651196747344"),
    ("ご登録カード　5391　4540　7812　9082", "CREDIT_CARD 5391 4540 7812 9082"),
    ("お支払いカードは下記でお願いします。\n5274359438018002　09/28", "CREDIT_CARD 5274359438018002"),
    ("The card on file is 5274341455847430, exp 04/28.", "CREDIT_CARD 5274341455847430"),
    ("Amex 3742-895080-46585, CID 4421", "CREDIT_CARD 3742-895080-46585"),
    ("カード情報をお伝えします。3742 493193 95092、有効期限は27年4月です。", "CREDIT_CARD 3742 493193 95092"),
    ("決済に使うのは JCB の 3541840635358715 です。", "CREDIT_CARD 3541840635358715"),
    ("出張の宿泊費はこのカードで切ってください 4539-7817-5605-7094", "CREDIT_CARD 4539-7817-5605-7094"),
    ("Corporate purchasing card: 4708 7790 9368 0425", "CREDIT_CARD 4708 7790 9368 0425"),
    ("カードNO. ５２７４－０１４７－８４６０－０１５６", "CREDIT_CARD 5274-0147-8460-0156"),
    ("Pls bill 5391611745951426 for the difference.", "CREDIT_CARD 5391611745951426"),
    (
        table("ご予約者|ご登録カード|有効期限", "Y-23|4708-2684-7719-4344|04/28"),
        "CREDIT_CARD 4708-2684-7719-4344",
    ),
    ("Card ending 7232 was declined; the full number is 5274178780607232", "CREDIT_CARD 5274178780607232"),
    ("引落カード＝3742－754257－33678（アメリカン・エキスプレス）", "CREDIT_CARD 3742-754257-33678"),
    ("運転免許証の写しを確認しました。番号307401372270、有効期限令和10年", "DRIVER_LICENSE 307401372270"),
    ("Japanese driver's licence, number 301948151894", "DRIVER_LICENSE 301948151894"),
    (table("便|免許証の番号|種別", "A1|309852191216|中型"), "DRIVER_LICENSE 309852191216"),
    ("免許証（301879326094）の更新をお忘れなく", "DRIVER_LICENSE 301879326094"),
    ("ビザ申請に使うパスポート（TZ4471203、2031年まで有効）の写しです。", "PASSPORT TZ4471203"),
    ("P/P No: MS2204517", "PASSPORT MS2204517"),
    ("旅券　番号　ＴＫ５５０１２３４", "PASSPORT TK5501234"),
    ("APIS data: passport, JPN, TR8800412", "PASSPORT TR8800412"),
    ("保険証を見たところ保険者番号は06553705となっていました", "HEALTH_INSURANCE 06553705"),
    (
        "資格確認書の記載：保険者番号 06530547、記号 1234 番号 56",
        "HEALTH_INSURANCE 06530547; HEALTH_INSURANCE_ID 1234 番号 56",
    ),
    ("協会けんぽ 記号71010203・番号15", "HEALTH_INSURANCE_ID 71010203・番号15"),
    ("健康保険被保険者証　記号 5678　番号 901", "HEALTH_INSURANCE_ID 5678 番号 901"),
    ("基礎年金番号通知書の番号：4417-903321", "PENSION_NUMBER 4417-903321"),
    ("厚生年金の番号がわかりました、3321-550189です。", "PENSION_NUMBER 3321-550189"),
    ("Basic pension no. is 5120-771203", "PENSION_NUMBER 5120-771203"),
    ("振込先：楽天銀行　第二営業支店（252）普通　7704512　カ）サンカイ", "BANK_ACCOUNT 7704512"),
    ("三菱UFJ 本店 普通 No.3390217", "BANK_ACCOUNT 3390217"),
    ("店番123 口座番号 4471209", "BANK_ACCOUNT 4471209"),
    ("引き落としは(普)5520981から", "BANK_ACCOUNT 5520981"),
    ("ゆうちょ銀行 〇一八店 普通 6612345", "BANK_ACCOUNT 6612345"),
    (
        "Beneficiary: Sankai KK, Mizuho Bank, Shinjuku branch (240), ordinary account 2208814",
        "BANK_ACCOUNT 2208814",
    ),
    (
        "Please wire the refund to Chase, routing 021000021, account 000771234509.",
        "BANK_ACCOUNT 000771234509",
    ),
    ("口座番号が変わりました（新）8812037", "BANK_ACCOUNT 8812037"),
    ("Pay to DE89 3704 0044 0532 0130 00 / COBADEFFXXX", "IBAN DE89 3704 0044 0532 0130 00"),
    ("His Social Security # is 518-22-9071", "US_SSN 518-22-9071"),
    ("Social (for the background check): 447-31-6620", "US_SSN 447-31-6620"),
    (table("Emp|Soc Sec No|Rate", "E1|518-44-1207|31.50"), "US_SSN 518-44-1207"),
    ("管理画面のログイン情報です。\nID: admin\nPW: Kuroshio#4521", "CREDENTIAL Kuroshio#4521"),
    ("Wi-Fiのパスワードは「sakura-2024-guest」です。", "CREDENTIAL sakura-2024-guest"),
    ("VPN接続用の事前共有鍵：Zt8!kQ2wLp", "CREDENTIAL Zt8!kQ2wLp"),
    ("sudo password on web01 is Qx7-lantern-92", "CREDENTIAL Qx7-lantern-92"),
    (
        "AWS_SECRET_ACCESS_KEY=pQ4lrXUtnFEMI7K7MDENGabPxRfiCYzTTqKeYab1",
        "CREDENTIAL pQ4lrXUtnFEMI7K7MDENGabPxRfiCYzTTqKeYab1",
    ),
    ("curl -u deploy:Zebra77lamp https://stg.partner.example/api", "CREDENTIAL Zebra77lamp"),
    ("mysql -h db01 -uroot -pR00tlilac77 sales", "CREDENTIAL R00tlilac77"),
    ("FTPサーバー: ftp.partner.example\nユーザー: upload\nパス: up0428load", "CREDENTIAL up0428load"),
    ("Login with user 'ops' and the passphrase 'seven-otters-dance-42'.", "CREDENTIAL seven-otters-dance-42"),
    ("電子錠の暗証は 4829 です。", "CREDENTIAL 4829"),
    ("Basic認証 ユーザー名: stg パスワード: yuki88mono", "CREDENTIAL yuki88mono"),
    (table("サイト|ID|PW", "stg|admin|mizu-Iro-77"), "CREDENTIAL mizu-Iro-77"),
    ("client_secret: 'GOCSPX-aB3dE9fG2hJ4kL6mN8pQ'", "CREDENTIAL GOCSPX-aB3dE9fG2hJ4kL6mN8pQ"),
    ("＜社内限り＞ 組織変更のお知らせ", "CONFIDENTIAL_MARK 社内限り"),
    ("※本メールは関係者限りでお願いします。", "CONFIDENTIAL_MARK 関係者限り"),
    ("文書の取扱区分：極秘", "CONFIDENTIAL_MARK 極秘"),
    ("┏━━━━━━━━┓\n┃　社外秘　　　┃\n┗━━━━━━━━┛\n来期の人員計画", "CONFIDENTIAL_MARK 社外秘"),
    ("機密性３情報\n令和9年度概算要求について", "CONFIDENTIAL_MARK 機密性3情報"),
    ("Draft – Confidential – Attorney-Client Privileged", "CONFIDENTIAL_MARK Confidential"),
    ("役員限り\n来期の異動案", "CONFIDENTIAL_MARK 役員限り"),
    ("╔════════╗\n║ 秘密情報 ║\n╚════════╝\n開示は貴社に限ります。", "CONFIDENTIAL_MARK 秘密情報"),
    ("*** INTERNAL USE ONLY *** salary bands 2027", "CONFIDENTIAL_MARK INTERNAL USE ONLY"),
]
CLEAN = [
    "特許出願番号：4708 3072 0821 3138",
    "PCT application no. 4539 7968 0074 6815",
    "EDI取引先コード 9075341200003 を設定してください。",
    "GLN：2153096414337",
    "受付番号は 888346225417 です。お問い合わせの際にお伝えください。",
    "お客様番号 7386 5415 9989（検針票に記載）",
    "供給地点特定番号 03-0012-3456-7890-1234-5678",
    "e-Taxの利用者識別番号：5391 3262 6170 3206",
    "楽天ポイントカード番号 4708 5769 8083 3673",
    "WAON番号 4708 5485 2386 2246",
    "FedEx 4708 7806 1047 3138 is out for delivery.",
    "端末のIMEI：374280920794555",
    "請求書 No. 5255409671715 の金額をご確認ください。",
    "管理番号 TR1234567 の貸出PCを返却してください。",
    "普通救命講習 修了証番号 1234567",
    "古物商許可番号 第309796328827号",
    "教員免許状の番号 305166461321 を確認しました。",
    "小型船舶操縦免許 304350312733",
    "Software licence number 300731601185 expires in June.",
    "Windows のライセンス番号 306660041399",
    "生命保険の証券番号 12345-678 の件",
    "自動車保険 証券番号：4512-345678",
    "年金機構からの整理番号 4512-345678",
    "普通預金残高 1234567",
    "仕訳：借方 普通預金 1500000 / 貸方 売掛金 1500000",
    "当座預金 2300000 を短期借入金へ振替",
    "Part 518-22-9071 is back in stock.",
    "An IBAN is required for SEPA transfers.",
    "登録商標第4539876408382427号",
    "J-PlatPatで 特願 5391 2832 9980 5802 を検索しました。",
    "採番ルール：拠点4桁+年度4桁+連番8桁（4708 9319 0649 5745 など）",
    "Airway bill: 878939558034",
    "医療機器承認番号 2270535231499801",
    "マイナポータルの受付番号は981915156127でした。",
    "Epson S/N 5391785145111110 warranty",
    "通帳のお届け番号（ゆうパック）345337199523",
    "PASSWORD=your_password_here",
    "token: YOUR-TOKEN-HERE",
    "apiKey: 'INSERT_KEY_HERE'",
    "secret: REDACTED",
    "パスワード：（別便でお送りします）",
    "パスワード：＊＊＊＊＊＊",
    "password: [set in vault]",
    "PW：担当者までお問い合わせください",
    "パスワードは8文字以上、英大小文字と数字を含めてください（例：Abc12345）。",
    "パスワード入力画面でエラー E1024 が出ます。",
    "Your password reset link expires in 24h.",
    "添付の資料はパスワード付きです。PW: Abc#2291",
    "解凍キーは Abc#2291 です。",
    "The code to open the attached sheet is 77821.",
    "先ほどお送りしたメールの添付ファイルのパスワードです。\n\nHk2!9dLx",
    "PDFを開くパスワードはお客様の生年月日8桁です。",
    "Webex meeting password: hJ3kPq8",
    "The token limit is 128000 tokens.",
    "Connect pin 12 of J4 to GPIO 17.",
    "アクセスキー: Alt+S で保存できます。",
    "パスワードを password123 のような単純なものにしないでください。",
    "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
    "DATABASE_URL=postgres://user:password@localhost/db",
    "api_key: {{ vault_api_key }}",
    "Password policy v2.1 is effective from 2026-04-01.",
    "社外秘と部外秘のどちらを付けるべきでしょうか。",
    "資料には、公開、社内、部外秘、極秘の4種類があります。",
    "Labels available: Public, Internal, Confidential, Secret.",
    "How do I set the Confidential label in Outlook?",
    "映画『極秘任務』の試写会に当たりました。",
    "「取扱注意」ラベルを箱の上面に貼ってください。",
    "封筒に「親展」と記載してください。",
    "Webinar: trade secret law for start-ups",
    "We have tickets for L.A. Confidential tonight.",
    "機密文書溶解サービスのご案内",
    "Should we mark this confidential or internal only?",
    "社外秘情報の漏えい事故を受けて、研修を行います。",
    "部外秘だった資料が公開されました。",
    "社外秘扱いにする必要はありますか？",
]


def _found(content: str | tuple[tuple[str, ...], ...]) -> Counter[tuple[str, str]]:
    piece = Piece(text=content) if isinstance(content, str) else Piece(rows=content)
    return Counter((one.type, one.value) for one in find([piece]))


@pytest.mark.parametrize(("content", "expected"), SENSITIVE, ids=lambda value: str(value)[:30])
def test_what_companies_write_of_is_found(content, expected):
    assert _found(content) == Counter(tuple(part.split(" ", 1)) for part in expected.split("; "))


@pytest.mark.parametrize("text", CLEAN, ids=lambda text: text[:30])
def test_what_looks_like_it_is_left_alone(text):
    assert not _found(text)
