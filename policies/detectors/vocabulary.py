"""The words that stand before values: what a number is, says the label beside it.

Written for the folded text of `policies.detectors.folding`, in the syntax of RE2, for any case of letters. A label of
kind OTHER says that a number is something harmless: an order, a parcel, an asset. The lists hold the ways in which forms,
payroll sheets, ledgers and plain mails name these things; they are meant to be added to.
"""

OTHER = "OTHER"
NEITHER = "NEITHER"  # holds the word of a label, and is none

_JA_NO = r"(?: ?(?:番号|ナンバー|No\.?|NO\.?|ID|#|バンゴウ|ばんごう))"
_NO = r"(?: ?(?:numbers?\b|nos?\b\.?|num\b|#|id\b))"
_NAMED = r"(?: ?[:→\t\n\x1f】]| - | {2})"  # a word that is a label only with its colon or in a cell

WHO = (
    "社員|従業員|職員|顧客|会員|お?客様|患者|利用者|生徒|学生|受講者|参加者|申込者|契約者|応募者|候補者|保護者|代表者|担当者?|責任者"
    "|世帯主|被保険者|受診者|受取人|受給者|加入者|申請者|対象者|本人|入社者|入社予定者|退職者|内定者|扶養親族|配偶者|使用者|所有者"
    "|入居者|居住者|受験者|求職者|宿泊者|来場者|届出人|名義人|依頼主|講師|当選者|運転者|児童|園児|予約者|購入者|注文者|登録者|保証人|相続人"
)
_WHO_EN = (
    "customer|employee|patient|client|member|contact|applicant|guest|passenger|student|card ?holder"
    "|account holder|holder"
    "|insured|candidate|beneficiary|attendee|travell?er|staff|tenant|participant|delegate|resident|registrant|borrower|occupant|visitor|driver"
    "|recipient|payee|subscriber|buyer|lessee|trainee|guardian|policy ?holder|pupil|next of kin|spouse|donor|volunteer|nominee|claimant|dependant|dependent|carer|caregiver|emergency contact"
)
# Words for persons in headers, and how words end that are often of persons: runner, inventor, trainee, guardian.
PERSONS_IN_ENGLISH = f"{_WHO_EN}|person|player|child|parent|mother|father|husband|wife|bride|groom|friend|colleague|winner|cyclist|patron|heir|new hire"
ENDS_OF_PERSONS_IN_ENGLISH = "er|or|ee|ist|ian"
_THING_EN = (
    "order|tracking|track|shipment|parcel|consignment(?: note)?|invoice|inv|contract|agreement|reference"
    "|ref|part|sku|serial"
    "|s/n|ticket|case|asset(?: tag)?|voucher|folio|docket|meter|gift(?: card| voucher)?|coupon|lot|batch"
    "|item|product"
    "|booking|reservation|confirmation|membership|quote|quotation|purchase|po|transaction|model|build"
    "|release|version|ver"
    "|rev|revision|room|meeting|trace|log|request|session|error|issue|bug|incident|flight|seat|loyalty"
    "|points|barcode|isbn"
    "|issn|jan|ean|upc|gtin|doi|imei|port|drawing|job|work order|rma|awb|waybill|bill of lading|container"
    "|policy|claim"
    "|internal|test(?: card)?|sandbox|dummy|sample|example|fake|placeholder"
    "|prescription|locator|equipment|(?:packing|delivery|pay|bank) slip|locker|specimen|unit|pick(?:ing)? list|pallet"
    "|delivery note|plate|badge|chassis|cost cent(?:re|er)|machine|device|vehicle|certificate|permit|patent"
    "|gauge|sensor|pump|valve|motor|article|component|spare|cartridge|filter|assembly|tool|fixture|mould|mold|dispatch|warehouse|stock|listing|auction|campaign|survey|receipt|slot|rack|shelf|bin|crate"
)
_CARDS_EN = "loyalty|points|store|library|membership|member|id|access|key|sim|memory|business|gift|report|time|score|bingo|punch"
_CARDS_JA = "名刺|図書|診察|社員|入館|IC|SIM|メモリー?|定期|交通系|ポイント|ギフト|会員|タイム|プリペイド|スタンプ|キー|利用者|診療|学生|メンバーズ"
_REGISTERED_JA = "商標|意匠|特許|車両|自動車|車|医薬品|古物商?|建設業|会員|利用者?|ユーザー?|製造|品種|犬|住民|商品|機器|製品|端末|宅建|船舶|保証"

_PAYING_JA = "お?支払い?|お?引き?落と?し|ご?利用|ご登録|登録済み?|ご?決済|ご?請求|ご使用|お使い|お手持ち|御社|貴社|メイン|サブ|新しい|更新後|変更後"
# What else than to drive one has a licence for.
_LICENSED_JA = "[一-鿿]{1,4}[師士]|教員|教諭|船舶|操縦|海技|[一-鿿]{0,4}(?:販売業?|営業|製造業?)|[一-鿿]{1,3}業|輸入|狩猟|銃砲|無線|宅建"
_LICENSED_EN = (
    "software|product|teaching|teacher'?s?|fishing|hunting|pilot'?s?|medical|nursing|business|liquor|alcohol|firearms?|gun|trade"
    "|import|export|music|open[- ]source|source|windows|office|adobe|microsoft|per[- ]seat|seat|site|volume|server|enterprise|user"
    "|subscription|professional|real[- ]estate|broker'?s?|broadcast|TV|dog|marriage|contractor'?s?|building|operating|MIT|GPL|apache"
)

# The order matters: where two labels begin at the same place, the first that fits is taken.
LABELS: dict[str, tuple[str, ...]] = {
    NEITHER: (
        r"普通(?:列車|電車|郵便|車|紙|席|室|株|決議|科|救命)|当座の|\baccount (?:balance|executive|settings|page|status|statement)s?\b",
        r"(?:生|う)まれ(?:変|か)わ|\ba/c (?:units?|compressors?|filters?|systems?|repairs?|services?|ducts?|vents?|technicians?|maintenance)\b",
        r"電話会議|携帯(?:サイト|アプリ)|口座(?:振替|開設|残高)|住所(?:変更|録)|銀行口座振替|保険(?:料|金|会社|代理店)",
        r"メール(?:マガジン|会員|サーバー?|配信|の件名|の内容|の返信|本文)|(?:本|当|この|HTML)メール|名称",
        r"(?:氏名|名前|名|口座名義)?[ (]*(?:フリガナ|ふりがな|カタカナ|カナ|かな|ヨミ|よみがな)\)?|口座名義人?",
        r"(?:会社|企業|店舗?|商品|製品|部品|品|ファイル|件|部署|部門|学校|団体|銀行|支店|ユーザー?|案件|サーバー?|ホスト)名前?",
        r"(?:プロジェクト|ドメイン|ログイン|サービス|イベント|コース|国|駅|路線)名",
        r"\b(?:company|file|product|user|host|domain|project|bank|branch|business)[ _-]?names?\b",
        r"\b(?:server|display|trade|event|class)[ _-]?names?\b",
        r"(?:天皇|皇后|上皇|陛下|国王|女王|皇太子|大統領|キリスト|釈迦|お釈迦様|会社|当社|弊社|ブランド|お店|店|国)の?お?誕生日",
        r"お?誕生日(?: ?(?:会|パーティー?|ケーキ|休暇|プレゼント|カード|イベント|キャンペーン|特典|クーポン|割引?|ギフト|お?祝い?|席|セール|フェア|企画|おめでと|ランチ|ディナー|手当|月))",
        r"\b(?:king|queen|emperor|president|washington|lincoln|buddha|company|firm|nation|country|mohammed|prophet)(?:['’]?s|s['’])? (?:official )?birthday\b|\bhappy birthday\b",
        r"\bcelebrat\w{1,4}(?: \w+(?:['’]s|s['’])?){1,3} birthdays?\b",
        r"\bbirthday[ -](?:part(?:y|ies)|cakes?|cards?|celebrations?|lunch|dinner|drinks|bash|gifts?|presents?|leave|days? off|offers?|vouchers?|wish(?:es)?|discounts?|treats?|weekend|breakfast|event|club|tea|honours|honors|parade)\b",
        r"\blicen[cs]e (?:plate|fee|agreement|key|server|file|term|holder)s?\b|\baccounts? (?:payable|receivable|manager|team)\b",
        r"(?:IP|MAC|web|URL|ウェブ|サイト|サーバー?)[ _-]?(?:アドレス|address(?:es)?)|\baddress (?:this|the|these|it|any)\b",
    ),
    "MY_NUMBER": (
        rf"個人 ?番号(?:カード)?(?: ?\( ?12 ?桁\))?|マイ ?ナンバー(?:カード)?{_JA_NO}?(?: ?\( ?12 ?桁\))?",
        rf"マイナ(?:カード)?{_JA_NO}|マイナ(?: ?[:→=(「/】\t\n\x1f、-]|[はが]| )|コジンバンゴウ|個人No\.?|個番|社会保障・?税番号|特定個人情報|通知カード",
        r"12 ?(?:桁|ケタ|けた)の?(?:個人)?(?:番号|ナンバー|数字)|(?:個人|法人)?番号法[ぁ-んA-Z一-鿿]{0,8}番号|個人ナンバー|共通番号",
        rf"まいなんばー|マイ ?(?:ナンバ|No\.?|NO\.?)|\bmy[ _-]?number(?: card|カード)?{_NO}?|\bindividual(?: id)?{_NO}|\bmy ?no\b\.?|\bMN\b",
        r"\bkojin[ -]?bango\b",
    ),
    "CORPORATE_NUMBER": (
        rf"(?:法人|ホウジン)(?:等|マイ)?{_JA_NO}(?: ?\( ?13 ?桁\))?|会社法人等番号|13 ?桁の(?:法人)?番号|企業番号",
        rf"(?:適格請求書)?(?:発行)?(?:適格)?事業者(?:の)?(?:登録)?番号|インボイス(?:登録|制度)?{_JA_NO}|適格請求書登録番号|T番号",
        r"登録(?:番号| ?No\.?|ナンバー)",
        rf"\bcorporate{_NO}|\b(?:company|corporate) registration{_NO}?|\bcorp\.? ?no\b\.?|\bregistration{_NO}",
        rf"\b(?:qualified )?invoice (?:issuer|registration){_NO}?|\bhoujin[ -]?bangou?\b|\b(?:JCT|consumption tax)(?: registration)?{_NO}",
    ),
    "CREDIT_CARD": (
        rf"(?:クレジット|決済用?|支払い?用?|デビット|法人|コーポレート|ご利用)?カード(?:会員)?{_JA_NO}",
        rf"(?:{_PAYING_JA})(?:の|中の|する|した|用の?)?カード(?:番号|情報)?",
        rf"クレジット(?:カード)?|クレカ{_JA_NO}?|デビットカード|カード(?:情報|は| ?[:→])|(?:コーポレート|法人|会社)カード|決済カード",
        rf"\b(?:credit|debit|payment|corporate|company|bank)[ -]?cards?{_NO}?|\bcards?{_NO}|\bcards?(?::| is\b)",
        r"\b(?:put|charge|bill|book|pay|paid|buy|bought|order(?:ed)?)(?: \w+){0,3} (?:on|to|with|by) (?:the|this|that|same) card\b",
        r"\b(?:my|our|his|her|their|your) card\b|(?:私|会社|当社|弊社|自分|次|こちら)のカード",
        r"\bcc ?(?:no\b\.?|number\b|#|:)|\bPAN\b|\bprimary account number\b|\bVISA\b(?:/\w+)?",
        r"\bcards? (?:on (?:file|record)|used|charged|to (?:charge|bill|use)|ending(?: in)? [0-9]{4})\b",
        r"\bMaster ?Card\b|\bMaster\b|\bAMEX\b|\bAmerican Express\b",
        r"\bJCB\b|\bDiners\b|アメックス|ビザカード|マスターカード|\bcharge it to\b|\bbill it to\b",
    ),
    "DRIVER_LICENSE": (
        rf"(?:自動車)?(?:運転)?(?:免許|メンキョ|めんきょ)(?:証|状)?(?:の)?{_JA_NO}?|運免{_JA_NO}?|運転(?:経歴)?(?:証明書)?{_JA_NO}",
        rf"\b(?:driver'?s?'?|driving) ?licen[cs]e{_NO}?|\blicen[cs]e{_NO}|\bDLN\b|\bDL(?:{_NO}| ?:)",
        rf"\bdriving permit{_NO}?|\blicen[cs]e\b",
    ),
    "PASSPORT": (
        rf"(?:パスポート|旅券|リョケン|りょけん)(?:の|記載|記号)*{_JA_NO}?|\bPP{_JA_NO}",
        rf"\bpassports?{_NO}?|\btravel document{_NO}?|\bp/?p{_NO}",
    ),
    "HEALTH_INSURANCE_ID": (
        r"(?:被保険者|保険|健保)証?(?:等)?(?:の)?記号[ ・/、,-]?(?:及び|と|および)?(?:番号)?",
        rf"記号[ ・/、,-]?(?:及び|と|および)?番号|被保険者(?:証)?(?:等)?(?:の)?{_JA_NO}|(?:健康)?保険証(?:の)?{_JA_NO}",
        r"(?:健保|資格確認書)(?:の)?番号|(?:健康)?保険証(?: ?[:→]|は)|記号(?: ?[:→]|[はが]| )",
        rf"\binsured(?: person)?(?:'s)?{_NO}|\b(?:insured )?symbol(?: and |[/& ・-]){_NO}|\bsymbol\b|\binsurance card{_NO}?",
        rf"\b(?:health|medical)[ -](?:insurance|plan|scheme|cover(?:age)?)(?: (?:member|card|subscriber|certificate))?(?:'s)?{_NO}|\binsurance (?:certificate|member)(?:'s)?{_NO}",
    ),
    "HEALTH_INSURANCE": (
        rf"(?:医療|健康)?(?:保険者|ホケンシャ)(?:{_JA_NO}|コード)?|健保組合{_JA_NO}?|\binsurer(?:'s)?{_NO}?",
    ),
    "PENSION_NUMBER": (
        rf"(?:基礎|厚生|国民|公的)?(?:年金|ねんきん|ネンキン)(?:手帳|証書)?(?:の)?(?:記号)?{_JA_NO}|年金手帳|基礎年金|年金コード|基年(?:番号)?|基番",
        rf"(?:国|厚|基|共)[民生礎済]?年(?:金)?(?:基礎)?(?:の)?(?:記号)?{_JA_NO}|年金(?:の)?10 ?(?:桁|けた|ケタ)",
        rf"年金の?(?:基礎|加入者?|記号)(?:の)?{_JA_NO}|年金(?:は| ?[:→=])|\b(?:basic )?pension(?: book)?{_NO}?|(?:厚生|国民)年金",
    ),
    "BANK_ACCOUNT": (
        rf"(?:銀行|お?振り?込み?先?|送金先?|入金|給与|引落し?|返金|支払い?|受取|普通|当座|預金|指定)?(?:口座|コウザ|こうざ)(?:情報)?(?:の)?{_JA_NO}?",
        rf"(?:お?振り?込み?|送金|入金|返金|お?支払い?)先(?:銀行)?|普通(?:預金)?|当座(?:預金)?|貯蓄(?:預金)?|(?:通帳|預金){_JA_NO}",
        rf"\b(?:bank |savings? |checking |current |ordinary )?(?:account|acct|a/c)\b\.?{_NO}?",
        r"\bbank details\b|ゆうちょ(?:銀行)?",
    ),
    "US_SSN": (
        rf"\bSSN\b{_NO}?|\bsoc(?:ial)?\b\.?[ -]?sec(?:urity)?\b\.?{_NO}?|\bSS{_NO}|\bITIN\b",
        rf"\b(?:tax|taxpayer) id\w*{_NO}?|\bTIN\b|\bsocials?(?:{_NO}| is\b| was\b|(?: ?\([^()\n]{{1,40}}\))?(?: ?[:=]| - ))|社会保障(?:番号|No\.?)|ソーシャル・?セキュリティ・?{_JA_NO}?",
    ),
    "POSTAL_CODE": (
        rf"〒|郵便(?:{_JA_NO}|コード|{_NAMED})|ゆうびん(?:ばんごう)?|\b(?:postal|post|zip)[ -]?codes?\b|\bzip\b|\bpostcode\b",
    ),
    "PHONE": (
        rf"(?:お)?電 ?話{_JA_NO}?|ケータイ|携帯(?:電話)?{_JA_NO}?|スマホ(?:番号)?|モバイル(?:番号)?|つながりやすい(?:電話)?番号|(?:ご)?連絡(?:の|が)?(?:つく|取れる|とれる|可能な)(?:電話)?番号|固定電話|自宅電話",
        rf"連絡(?:先|番号)|☎|📞|内線|フリーダイヤル|ファッ?クス|直通|\bTEL\b\.?(?:/FAX)?|\btelephones?\b{_NO}?",
        rf"\b(?:(?:cell|mobile|home|work|office|contact|direct|daytime|evening|hand)[ -]?)?phones?\b{_NO}?|\bcontact{_NO}",
        rf"\b(?:mobile|cell|cellphone|fax|hotline|toll[ -]?free|Ph|Mob|WhatsApp)\b\.?{_NO}?",
        r"\b(?:best|daytime|evening)(?: contact)? number\b",
        r"\b(?:call|text|reach|dial)(?: me| us| him| her| them)?(?: at| on)?\b|\bring (?:me|us|him|her|them|on)\b",
    ),
    "EMAIL": (
        r"(?:e|電子|PC|携帯)?[ -]?メール(?:アドレス)?|メアド|メルアド|アドレス(?:は| ?[:→])|\be-?mails?\b(?: ?addr\w*)?",
        r"\bmail(?: ?address)?\b",
    ),
    "ADDRESS": (
        r"(?:自宅|現|ご|お?届け?先|送付先|配送先|届出|勤務先|会社|居|実家|本人|新|旧|請求先)?(?:の)?(?:お|ご)?住 ?所(?:地)?|所在地?|居所",
        r"居住地|本籍(?:地)?|お住まい|(?:お?届け?|お?送り|送付|配送|発送|納品|郵送|転居|引越し?|引っ越し)先|\bresidence\b",
        r"\b(?:home |mailing |street |postal |delivery |shipping |billing |current )?address\b",
    ),
    "BIRTHDATE": (
        r"生 ?年 ?月 ?日|お?誕生 ?日|出生(?:年月日|日)?|生まれ(?:年月日)?|生れ|うまれ|ウマレ|生年|バースデー",
        r"(?:セイネン|せいねん)(?:ガッピ|がっぴ)|お?(?:タンジョウ|たんじょう)(?:ビ|び|日)",
        r"\bDOB\b|\bD\.O\.B\b\.?|\b(?:date|day) of birth\b|\bbirth[ _-]?(?:date|day)\b|\bborn(?: on)?\b",
    ),
    "PERSON": (
        rf"(?:{WHO})(?:様|の|ご|お)*(?:氏 ?名|名 ?前|姓 ?名|名)",
        r"(?:スタッフ|メンバー|アルバイト|パート|オーナー|ゲスト|ドライバー)(?:様|の|ご|お)*(?:氏 ?名|名 ?前|名)|[一-鿿]{1,4}(?:される|する|した)方(?:の(?:お|ご)?(?:氏名|名前))?",
        r"(?:お|ご)?(?:氏 ?名|名 ?前|姓 ?名|芳名|尊名)(?: ?\((?:漢字|全角|本名)\))?|フルネーム|カード名義人?|宛名",
        rf"ご?(?:{WHO})(?:様|者)?{_NAMED}",
        rf"\b(?:(?:{_WHO_EN}|full|first|last|legal)[ _-]?)?names?\b",
        rf"\b(?:{_WHO_EN}){_NAMED}",
    ),
    "IBAN": (r"\bIBAN\b",),
    OTHER: (
        r"(?:テスト|ダミー|サンプル)(?:用)?(?:の)?(?:カード|番号|データ|口座)?(?:番号)?|見本|架空|例 ?:",
        r"図面|機種|部材|品目|部番|センサー?|ポンプ|モーター?|バルブ|基板|荷札|治具|金型|計器|注文|受注|発注|伝票|送り状|追跡|荷物|品番|型番|型式|製番|機番|号機|台番|図番|工番|連番|棚番|通番|項番|枝番",
        r"版数|バージョン|ロット|シリアル|バーコード|資産|部品|チケット|金額|見積|合計|小計|税込|単価|数量|ポート|サーバー?",
        rf"会議室|(?:{_CARDS_JA}|商品)(?:カード|券|コード){_JA_NO}?|(?:{_REGISTERED_JA})登録{_JA_NO}|電話受付{_JA_NO}",
        rf"\b(?:{_CARDS_EN})[ -]cards?{_NO}?|\bref\. ?nos?\b|\bgift certificate{_NO}?",
        r"シール|便名|ビルド|地番|ラベル|タグ|号車|区画|ロッカー",
        r"(?:特|実|意|商)願(?:平|昭|令)?|(?:特|実)開(?:平|昭|令)?|(?:特許|実用新案|意匠|商標)(?:公報|出願|登録)|(?:特許|実用新案|意匠|商標) ?第|PCT/[A-Z]{2}",
        rf"(?:{_LICENSED_JA})(?:の)?免許(?:証|状)?(?:の)?{_JA_NO}?|\b(?:{_LICENSED_EN})[ -]licen[cs]e{_NO}?",
        rf"\b(?:{_THING_EN})\b(?: code)?{_NO}?",
        rf"\b(?:GL|G/L|ledger|customer|user|e-?mail|expense|service|admin|trial|loyalty|utility)[ -]accounts?{_NO}?",
        r"\b(?:ISBN|JAN|EAN)(?: ?コード|[ :-])|\bcodes?[:\t]|コード[:\t]|\b(?:UUID|GUID|hash|commit)\b",
    ),
}

# Papers, and what tells that their number stands on them: 免許証の第3号欄, 年金証書に載っている番号, 旅券に印字の記号番号.
PAPERS = {
    "MY_NUMBER": r"通知カード|(?:個人番号|マイナンバー)(?:カード|通知書?)|マイナカード",
    "DRIVER_LICENSE": r"(?:免許|メンキョ|めんきょ)(?:証|状)?|運転経歴証明書",
    "PASSPORT": r"パスポ(?:ート)?|旅券|リョケン|りょけん|渡航文書",
    "HEALTH_INSURANCE_ID": r"保険証|資格確認書|(?:組合員|加入者)証|被保険者証?",
    "HEALTH_INSURANCE": r"保険者",
    "PENSION_NUMBER": r"(?:年金|ねんきん|ネンキン)(?:保険料|手帳|証書|定期便|ネット)?の?(?:通知書|納付書|領収書|証書|手帳|控え)?",
    "CREDIT_CARD": r"(?:クレジット|デビット|法人|決済用?)カード|クレカ",
}
ON_PAPER = (
    r"(?:[ のにへで上中内面記載入印字刷刻表示掲書いてっただされしるあり裏左右下号第○〇]|券面"
    rf"|[0-9]{{1,2}} ?(?:桁|けた|ケタ|号)){{0,14}}(?:{_JA_NO}|欄)"
)

# Any other "…番号", "… No." or "… code" says too that the number beside it is something else.
FOREIGN = (
    r"(?i)[ァ-ヶー一-鿿A-Za-z][ぁ-んァ-ヶー一-鿿A-Za-z]{0,11}[ -]?(?:番号|コード|No\.|ナンバー)"
    r"|[一-鿿ァ-ヶー][ぁ-ん一-鿿ァ-ヶー]{0,11}(?:No|ID|NO|CD)\b|[一-鿿ァ-ヶー]{1,12}キー"
    r"|\b[A-Za-z]{2,15}(?:[ -]?(?:number\b|code\b|reference\b|#)|[ -](?:no\.|ref\b|id\b)|(?-i:No\.|ID\b))"
)
# … unless the word before is one that points, and names nothing.
POINTING = (
    r"(?:この|その|次の|下記の?|以下の?|上記の?|本人の?|当該の?|各|同|\bthe|\bthis|\bthat|\bmy|\bhis|\bher|\byour|\bour"
    r"|\btheir|\bfollowing|\bis|\ba|\bnew|\bold|\bnext|\bfull|\blong|\bwhole|\bcomplete|\bdigit|\bembossed|\bprinted|\bcorrect|\bright|\bsame)(?:[ -])?(?:番号|コード|No\.|ナンバー|number|code|id|no\.|#|ref)|\S{1,12}の(?:番号|コード)"
    r"|\S{0,12}(?:べき|した|する|いる|ある|れた|った|んだ|しい|ない|たい)(?:番号|コード|ナンバー)"
)
# What follows a label, or comes before it, and takes its word back.
NEGATED_AFTER = (
    r"[」』】\"']?(?:番号)?(?:など|等)?(?:では(?:ありません|ない|ございません|なく)|じゃ(?:ない|ありません)|でない"
    r"|の[一-鿿]{0,4}(?:申請|申込|申し込み|交付|届出|届け出|通知|請求|受付|再発行|更新|変更)(?:書|票|用紙|届|手続き?)?の?(?:番号|No\.?|ID|コード|様式|書式)"
    r"|(?:課|係|窓口|センター)?の?[一-鿿の]{0,8}?(?:申請|申込|交付|受付|予約|整理|再発行|返却|伝票|注文|相談|更新|問い?合わ?せ)(?:書|票|券|用紙)?の?(?:番号|No\.?|ID|コード)"
    r"|とは(?:異なり|違い|別)|は(?:含まれ|含み|記載し|不要))|,? (?:is|are) not\b"
)
# The line shows how to write a value, and holds none.
EXAMPLE = (
    r"(?:記入|記載|入力|書き方の?)(?:例|見本)|\(例\)|(?<![一-鿿])例 ?[):]|[(【]見本|見本 ?[)】:]|(?:見本|サンプル|ダミー|テスト)(?:の?値|用?データ)"
    r"|\bfor example\b|\be\.g\.|\b(?:sample|dummy|example|fake|test)(?: only)?[ -](?:values?|data)\b"
)
NEGATED_BEFORE = r"(?:\bnot (?:an? |your |the |a valid )?|\bno |\bisn't (?:an? )?|\bnon-)$"
