"""What a name looks like, and which words look like one but are firms, places and things."""

import re

from policies.detectors.given_names import JAPANESE_GIVEN_NAMES, WESTERN_GIVEN_NAMES
from policies.detectors.surnames import SURNAMES

KANJI = r"[一-鿿々〆ヶヵノ]"
WORD = r"[A-ZÀ-ÞĀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ'’.-]{0,24}"
PARTICLE = r"(?:de|da|dos|du|le|van|von|der|den|ter|ten|la|del|di|bin|al|el)"
TITLE_APART = r"(?<![様殿氏])(?<!さん)(?<!さま)(?<!くん)"  # what is said behind a name is no part of it
NAME = (
    rf"(?:{KANJI}{{1,5}} ?(?:[ぁ-んァ-ヶ]{{1,4}}[子代美江枝恵香奈乃穂太郎介]|{KANJI}{{1,3}}|[ぁ-ん]{{2,6}}(?<!です)(?<!ます)|[ァ-ヶー]{{2,6}}){TITLE_APART}"
    r"|[ァ-ヶー]{2,12}(?:[・= ][ァ-ヶー]{2,14}){1,4}"
    rf"|{WORD}(?: (?:{PARTICLE} ){{0,2}}{WORD}){{1,3}})"
)
_TRADES = (
    r"木材|木工|製材|鉄工|乳業|製菓|製紙|紙業|林業|農園|牧場|酒造|醸造|造園|造船|塗装|電設|電子|電力|電鉄|鉄道|交通|観光|旅行|不動産|住宅|石油|石材|ガス|化学|化成|繊維|紡績|織物"
    r"|染色|金属|金物|金型|機械|工機|重工|窯業|家具|青果|精肉|畜産|米穀|倉庫|物流|通商|商運|陸運|海運|営業所|出張所|工房|企画|技研|クリニック|医院|歯科|診療所|事務所|研究所|保育園|幼稚園|学院"
    r"|商事|商店|商会|工業|建設|電機|電気|物産|食品|製作所|製薬|薬局|薬品|産業|運輸|運送|工務店|印刷|建材|興業|水産|精機|銀行|支店|本店"
)
_FIRM = re.compile(rf"(?:{_TRADES})\Z")
_NO_PERSON = re.compile(
    rf"(?:[都道府県市区町村郡]|株式会社|会社|{_TRADES}|鉄工所"
    r"|時計|病院|大学|高校|学校|学園|組合|協会|センター|ビル|ホール|会館|公園|神社|駅|港|空港|線|屋|部|課|室|係|店|場|館|園|寺|川|山|島|橋|丸|号|型|式|機|券|証|票|書|表|案|費|料|金"
    r"|業|品|車|法|学|語|系|用|製|社|局|省|庁|国|州|城|温泉|まつり|祭|員|者|所|署|役場|市場|役所|のみ|など|ほか)\Z"
)
_NO_PERSON_WORD = re.compile(
    r"\b(?:Inc|Ltd|LLC|Corp|Co|GmbH|KK|Kabushiki|AG|PLC|Plc|LLP|Pty|BV|NV|SE|SpA|Srl|Oy|Holdings|Industries|Seiko|Foods|Logistics|Systems|Tools|Trading|Plumbing|Construction|Company|Bank|Team|Department|Office|Street|Road|Avenue|City|County|University|School|Hospital|Server|Studio"
    r"|Windows|Google|Microsoft|Project|Report|Meeting|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|New|North|South|East|West"
    r"|San|Los|Las|Saint|Lake|Mount|Park|Hotel|Center|Centre|Group|Systems?|Services?|Software|Manager|Director|Sales|Marketing"
    r"|The|Please|Dear|Kind|Best|Regards|Thanks"
    r"|Academy|Alliance|Ballroom|Suite|Lounge|Restaurant|Seat|Bridge|Central|Club|Counter|Express|Force|Gate|Plaza|Provider|Royal|Year|Clinic|Dental|College|Institute|Agency|Association|Foundation|Partners|Solutions|Airlines?|Airways|Resources|Insurance|Security|Administration|Authority|Embassy"
    r"|Consulate|Ministry|Immigration|Customs|Council|Rentals?|Staffing|Travel|Tours|Airport|Station|Tower|Valley|Terminal"
    r"|January|February|August|September|October|November|December|Visa|Passport|Driver|Licen[cs]e|Card|Number|Accounts?|Desk|Hotline|Helpdesk|Reception|Billing|Factory|Pension|National|International|Social|Human)\b"
)
# 渡航者, 乗務員, 契約主: what somebody is, and nobody's name.
_ROLE = re.compile(
    r"[一-鿿ぁ-んァ-ヶー]{0,10}(?:者|員|客|職)(?:様|さま|殿)?"
    r"|(?:被?(?:相続|保証|請求|告訴)|ご?本|名義|届出|受取|依頼|申立|管理|代理|発起|発行|出願|荷受|荷送|差出|名宛|引受|求人|外国|日本|個|法|住|知|友|新|成|大|各|仲介|売|買|借|貸)人"
    r"|(?:送り|世帯|契約|事業|飼い|雇用|荷|株|家|船|地|貸|借)主|(?:講|医|教|技|看護|薬剤|美容|理容)師|[一-鿿]{0,4}係|(?:ご利用|お申込み?|ご契約|ご参加)の?方"
)
_NO_GIVEN_NAME = re.compile(
    r"[県市区町村都府道](?:民|内|外|立|営|庁|議|在|役|境|道|側)|(?:方面|地[区方域]|周辺|近郊|以外|勤務|在住|出身|在勤|経由|行き|発着|全[体域員社])|京[ァ-ヶー]{2}"
    r"|(?:副|前|元|新)?(?:本?部|次|課|係|社|会|所|店|室|工場|支店|支社|委員|局|院|校|園|班|組|船|機|事務局)長(?:代理|補佐)?\Z|(?:主任|専務|常務|先生|教授|取締役|監督|選手|議員|代表|顧問|理事|マネージャー|リーダー)\Z"
)
_LAST_LATIN = "ỿ"
_LONGEST_FAMILY_NAME = 5
_SHORTEST, _LONGEST = 3, 8  # characters of a name whose family name nobody knows


def is_known(name: str) -> bool:
    """Tell whether it is family and given name, one of which is common.

    A family name alone is none, nor is a firm that bears one.
    """
    if name[0] <= _LAST_LATIN:
        words = re.split(r"[ -]", name)
        return not _NO_PERSON_WORD.search(name) and not WESTERN_GIVEN_NAMES.isdisjoint(words[:2])
    family, _, given = name.partition(" ")
    if given:
        return (family in SURNAMES or given in JAPANESE_GIVEN_NAMES) and not (
            is_titled(name) or is_firm(name)
        )
    if ends_with_given_name(name):
        return name not in SURNAMES
    if name in SURNAMES or _NO_PERSON.search(name) or is_no_given_name_behind(name):
        return False
    return any(name[:length] in SURNAMES and 2 <= len(name) - length <= 3 for length in (3, 2, 1))


def is_no_given_name_behind(text: str) -> bool:
    """Tell whether what begins like a family name goes on as places, firms and titles do: 山口県民, 東京ガス, 後藤部長."""
    return any(
        text[:length] in SURNAMES and bool(_NO_GIVEN_NAME.match(text[length:])) for length in (3, 2, 1)
    )


def is_titled(name: str) -> bool:
    """Tell whether a title stands in the place of the given name: 石川 工場長."""
    return bool(_NO_GIVEN_NAME.match(name.partition(" ")[2]))


def is_role(name: str) -> bool:
    """Tell whether each word of it says what somebody is. No name ends in 者 or 員."""
    return bool(name.strip()) and all(map(_ROLE.fullmatch, name.split()))


def ends_with_given_name(name: str) -> bool:
    """Tell whether a common given name stands behind what may be a family name."""
    lengths = range(1, min(_LONGEST_FAMILY_NAME + 1, len(name)))
    return any(name[length:] in JAPANESE_GIVEN_NAMES for length in lengths)


def is_possible(name: str) -> bool:
    """Tell whether it may be one, by its shape and by what it does not end with."""
    if _NO_PERSON_WORD.search(name):
        return False
    if not any("一" <= character <= "鿿" for character in name):
        return True
    return (
        _SHORTEST <= len(name) <= _LONGEST
        and not (is_thing(name) or is_titled(name))
        and name not in SURNAMES
    )


def is_thing(name: str) -> bool:
    """Tell whether a Japanese word ends as firms, places, offices and goods do."""
    return bool(_NO_PERSON.search(name))


def is_firm(name: str) -> bool:
    """Tell whether a Japanese word ends as the names of firms do: 東山木材, 森永 乳業."""
    return bool(_FIRM.search(name))
