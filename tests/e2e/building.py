"""The hands of an administrator who builds a policy in the administration, by what stands on the page."""

from playwright.sync_api import expect

WORDS = {
    "en": {
        "menu": "Administration",
        "policies": "Policies",
        "add": "Add policy",
        "name": "Name in English:",
        "title": "Ten phone numbers need the manager",
        "if": "If: conditions",
        "unless": "Unless: exceptions",
        "then": "Then: actions",
        "kind": "Kind:",
        "another": "Add another Condition",
        "recipient": "Recipient is internal or external",
        "which": "Which:",
        "data": "Personal or secret data",
        "phone": "phone number",
        "number": "At least:",
        "where": "Where to look:",
        "attachments": "attachments",
        "domain": "Recipient's domain",
        "domains": "Domains:",
        "approval": "Approval",
        "who": "Who approves:",
        "deadline": "Deadline:",
        "preview": "Preview",
        "save": "Save",
        "sentence": (
            "If the recipient is external and an attachment holds 10 or more of phone number, then the manager must "
            "approve, unless the recipient's domain is “partner.example”"
        ),
        "reason": "phone number: 10",
    },
    "ja": {
        "menu": "管理",
        "policies": "ポリシー",
        "add": "ポリシー を追加",
        "name": "名前(日本語):",
        "title": "電話番号10件以上は上長の承認",
        "if": "もし: 条件",
        "unless": "ただし: 例外",
        "then": "なら: 動作",
        "kind": "種類:",
        "another": "条件 の追加",
        "recipient": "宛先が社内/社外",
        "which": "選択肢:",
        "data": "個人情報・秘密の情報",
        "phone": "電話番号",
        "number": "数:",
        "where": "調べる場所:",
        "attachments": "添付の中身",
        "domain": "宛先のドメイン",
        "domains": "ドメイン:",
        "approval": "承認",
        "who": "承認する人:",
        "deadline": "期限:",
        "preview": "プレビュー",
        "save": "保存する",
        "sentence": (
            "もし 宛先が社外 かつ 添付の中身に電話番号が10件以上 なら 上長の承認"
            "(ただし 宛先のドメインが「partner.example」 なら対象外)"
        ),
        "reason": "電話番号が10件",
    },
}


class Builder:
    """Somebody at the form of a policy; `live` where scripts run."""

    def __init__(self, page, language, *, live=True):
        self.page = page
        self.words = WORDS[language]
        self.live = live

    def open(self, url):
        """Go the way from the first page: the menu, the administration, the list, the form."""
        page, words = self.page, self.words
        page.goto(url)
        page.locator("details.menu summary").click()
        page.get_by_role("link", name=words["menu"], exact=True).click()
        page.locator("#content").get_by_role("link", name=words["policies"], exact=True).last.click()
        page.get_by_role("link", name=words["add"]).click()
        expect(page.get_by_role("textbox", name=words["name"])).to_be_visible()

    def part(self, group, number=0):
        """Return a card of the conditions, the exceptions or the actions."""
        return (
            self.page.get_by_role("group", name=self.words[group], exact=True)
            .locator(".policy-part")
            .nth(number)
        )

    def choose(self, part, kind):
        """Choose the kind of a card; without scripts the button shows its fields."""
        part.get_by_role("combobox", name=self.words["kind"], exact=True).select_option(
            label=self.words[kind]
        )
        if not self.live:
            self.preview()

    def preview(self):
        """Press the button "Preview"."""
        self.page.get_by_role("button", name=self.words["preview"], exact=True).click()

    def another_condition(self):
        """Ask for one more condition; without scripts there is one already."""
        if self.live:
            self.page.get_by_role("button", name=self.words["another"]).click()

    def fill_in(self, domain="partner.example"):
        """Fill in the whole policy."""
        page, words = self.page, self.words
        page.get_by_role("textbox", name=words["name"]).fill(words["title"])

        self.choose(self.part("if"), "recipient")
        # What most want is chosen already.
        expect(self.part("if").get_by_role("combobox", name=words["which"])).to_have_value("external")

        self.another_condition()
        data = self.part("if", 1)
        self.choose(data, "data")
        data.get_by_role("checkbox", name=words["phone"], exact=True).check()
        data.get_by_role("spinbutton", name=words["number"], exact=True).fill("10")
        data.get_by_role("combobox", name=words["where"]).select_option(label=words["attachments"])

        self.choose(self.part("unless"), "domain")
        self.part("unless").get_by_role("textbox", name=words["domains"]).fill(domain)

        self.choose(self.part("then"), "approval")
        action = self.part("then")
        expect(action.get_by_role("combobox", name=words["who"])).to_have_value("manager")
        expect(action.get_by_role("textbox", name=words["deadline"])).to_have_value("24h")

    def save(self):
        """Press the button "Save" and wait for the list."""
        self.page.get_by_role("button", name=self.words["save"], exact=True).click()
        self.page.wait_for_url("**/admin/policies/policy/")


def in_language(page, url, language):
    """Have the pages in a language, by the button that every page has."""
    page.goto(url)
    if page.locator("html").get_attribute("lang") != language:
        page.locator("button[name=language]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
