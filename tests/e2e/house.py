"""An installation with people, policies and a next hop, as a browser's journeys need it, and the hands that walk them."""

import base64
import hashlib
import hmac
import re
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from urllib.parse import urlsplit

from live.plant import Plant
from live.sink import Sink

PASSWORD = "correct horse battery"

PEOPLE = """\
address,name,department,manager,language
alice@example.test,Alice Archer,Sales,bob@example.test,en
bob@example.test,Bob Baker,Sales,,en
carol@example.test,Carol Carter,Sales,bob@example.test,en
dave@example.test,Dave Dawson,Sales,,en
taro@example.test,山田 太郎,営業部,hanako@example.test,ja
hanako@example.test,佐藤 花子,営業部,,ja
ichiro@example.test,鈴木 一郎,営業部,hanako@example.test,ja
jiro@example.test,田中 次郎,営業部,hanako@example.test,ja
"""

POLICIES = """
format: 1
policies:
  - key: attachment
    name: {ja: 社外への添付, en: Attachments to the outside}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}, {kind: has_attachment}]
    exceptions: [{kind: recipient_domain, values: [either.example, vault.example]}]
    actions: [{kind: approval, approvers: manager, deadline: 24h}]
  - key: either
    name: {ja: どちらか, en: Either of two}
    priority: 2
    conditions: [{kind: recipient_domain, values: [either.example]}]
    actions: [{kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test], deadline: 24h}]
  - key: vault
    name: {ja: 機密, en: Confidential}
    priority: 3
    conditions: [{kind: recipient_domain, values: [vault.example]}]
    actions: [{kind: approval, approvers: persons, persons: [dave@example.test], deadline: 24h, link: L2}]
  - key: wait
    name: {ja: 社外へのメールは10分待つ, en: External mail waits 10 minutes}
    priority: 4
    conditions: [{kind: recipient_is, choice: external}]
    exceptions: [{kind: has_attachment}, {kind: recipient_domain, values: [either.example, vault.example]}]
    actions: [{kind: hold, for: 10m, sender_may_send_now: true}]
"""


@dataclass(frozen=True)
class Team:
    """Who writes and who decides in one language, and what the buttons and headings are called there."""

    sender: str
    sender_name: str
    approver: str
    approver_name: str
    words: dict[str, str]


ENGLISH = Team(
    "alice@example.test",
    "Alice Archer",
    "bob@example.test",
    "Bob Baker",
    {
        "request": "[Approval needed]",
        "soon": "[Before sending]",
        "not sent": "[Not sent]",
        "sent": "[Sent]",
        "approve": "Approve and send",
        "reject": "Reject",
        "confirm": "Confirm rejection",
        "undo": "Take the approval back",
        "cancel": "Cancel sending",
        "pause": "Pause",
        "send now": "Send now",
        "back": "Back to the mail",
        "may it leave": "May this mail leave the company?",
        "approved": "Approved. The mail will be sent.",
        "rejected": "Rejected. The sender gets the mail back with your reason.",
        "taken back": "Your approval was taken back. The mail is on hold again.",
        "paused": "Paused. The mail stays here until you send or cancel it, for a day at most.",
        "on hold": "It is on hold",
        "canceled": "Sending was canceled. The mail was not sent.",
        "approved by": "Approved by Bob Baker at",
        "withdrawn": "Withdrawn by the sender at",
        "recipients": "1 recipient (1 external)",
        "leaves": "Goes out at",
        "why": "there is an attachment",
        "reason": "wrong recipient",
    },
)
JAPANESE = Team(
    "taro@example.test",
    "山田 太郎",
    "hanako@example.test",
    "佐藤 花子",
    {
        "request": "【承認依頼】",
        "soon": "【送信前の確認】",
        "not sent": "【却下】",
        "sent": "【送信しました】",
        "approve": "承認して送信",
        "reject": "却下する",
        "confirm": "却下を確定",
        "undo": "承認を取り消す",
        "cancel": "送信をやめる",
        "pause": "止めておく",
        "send now": "今すぐ送る",
        "back": "メールに戻る",
        "may it leave": "このメールを社外へ送ってよいですか?",
        "approved": "承認しました。メールを送信します。",
        "rejected": "却下しました。理由を添えて送信者にメールを戻します。",
        "taken back": "承認を取り消しました。メールは再び保留です。",
        "paused": "止めました。送信するかやめるまで、最長 1 日、ここに置きます。",
        "on hold": "保留しています",
        "canceled": "送信をやめました。メールは送信されていません。",
        "approved by": "佐藤 花子 さんが",
        "withdrawn": "に取り下げました。",
        "recipients": "宛先 1 件(社外 1)",
        "leaves": "に送信します",
        "why": "添付がある",
        "reason": "宛先違い",
    },
)
TEAMS = {"en": ENGLISH, "ja": JAPANESE}


@contextmanager
def house(folder, **env):
    """A running installation with PEOPLE and POLICIES."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (folder / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    with Sink() as sink, Plant(folder / "plant", sink=sink, **env) as plant:
        plant.manage("people", "import", str(folder / "people.csv"))
        plant.manage("policy", "apply", str(folder / "policies.yaml"))
        yield House(plant, sink)


class House:
    """The installation, and what comes out of it."""

    def __init__(self, plant, sink):
        self.plant = plant
        self.sink = sink
        self.url = plant.base_url
        self._sessions = {}

    def send(self, sender, recipients, subject, **parts):
        """Send a mail by SMTP; return its bytes."""
        content = mail(sender, recipients, subject, **parts)
        self.plant.send(sender, recipients, content)
        return content

    def find(self, wanted, seconds=90):
        """Return the first mail at the next hop for which `wanted(mail)`, as soon as it is there."""
        end, seen, received = time.monotonic() + seconds, 0, []
        while True:
            for candidate in received[seen:]:
                if wanted(candidate):
                    return candidate
            seen = len(received)
            left = end - time.monotonic()
            assert left > 0, f"It did not come; there are {[subject_of(found) for found in received]}"
            received = self.sink.wait_for(seen + 1, left)

    def arrived(self, to, subject):
        """Return the mail itself, as it came to the next hop."""
        return self.find(lambda got: to in got.forward_paths and subject_of(got) == subject)

    def came(self, to, subject):
        """Say whether the mail itself has come."""
        return any(to in got.forward_paths and subject_of(got) == subject for got in self.sink.wait_for(0))

    def notice(self, to, kind, subject):
        """Return the notice of `kind`, the beginning of its subject, about a mail."""
        return self.find(
            lambda got: (
                to in got.forward_paths
                and subject_of(got).startswith(kind)
                and subject_of(got).endswith(subject)
            )
        )

    def link(self, to, kind, subject):
        """Return the address in such a notice."""
        return link_in(self.notice(to, kind, subject))

    def asked(self, team, subject):
        """Return the link of the approver of `team` to a mail that waits for approval."""
        return self.link(team.approver, team.words["request"], subject)

    def soon(self, team, subject):
        """Return the link of the sender of `team` to a mail that waits for its time."""
        return self.link(team.sender, team.words["soon"], subject)

    def set_password(self, address):
        """Set the password of somebody by the mail that the sign-in page sends on request."""
        visitor = self.plant.visitor()
        visitor.get("/accounts/password/reset/")
        asked = visitor.post("/accounts/password/reset/", {"email": address})
        assert asked.status == 200, asked.text
        form = visitor.get(self.reset_link(address))
        done = visitor.post(urlsplit(form.url).path, {"password1": PASSWORD, "password2": PASSWORD})
        assert done.status == 200, done.text

    def reset_link(self, address):
        """Return the address in the mail with which somebody sets a password for the first time."""
        got = self.find(lambda got: address in got.forward_paths and b"/password/reset/key/" in got.content)
        return re.search(r"http://\S+/password/reset/key/\S+", body_of(got)).group(0)

    def session(self, browser, address):
        """Return the cookies of somebody who signed in, once for a module."""
        if address not in self._sessions:
            self.set_password(address)
            context = browser.new_context()
            page = context.new_page()
            sign_in(page, self.url, address)
            self._sessions[address] = context.storage_state()
            context.close()
        return self._sessions[address]


def mail(sender, recipients, subject, *, text="Good day.\n", html="", files=(), picture=b""):
    """Return a mail as a mail program makes it; `files` are pairs of a name and its content."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = author(sender), ", ".join(recipients), subject
    made["Date"] = "Tue, 24 Nov 2026 11:02:00 +0900"
    made["Message-ID"] = f"<{hashlib.sha256(subject.encode()).hexdigest()[:20]}@example.test>"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    if picture:
        made.get_payload()[1].add_related(picture, "image", "png", cid="<dot@example.test>")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def author(address):
    """Return an address with its name, as a mail program writes it."""
    names = dict(line.split(",")[:2] for line in PEOPLE.splitlines())
    return Address(names[address], addr_spec=address)


def parsed(got):
    """Return a mail that came, read by Python's own parser."""
    return message_from_bytes(got.content, policy=default)


def subject_of(got):
    return str(parsed(got)["Subject"] or "")


def body_of(got):
    return parsed(got).get_body(("plain",)).get_content()


def link_in(got):
    """Return the one link of a notice."""
    (link,) = re.findall(r"http://\S+/a/[\w-]{43}", body_of(got))
    return link


def sign_in(page, url, address, password=PASSWORD):
    """Fill in the sign-in form and wait for what follows."""
    page.goto(f"{url}/accounts/login/")
    page.fill("#id_login", address)
    page.fill("#id_password", password)
    page.locator("form.card button.main").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)


class Finger:
    """Somebody's finger or mouse on a page, which counts: opening the link in the mail is the first tap."""

    def __init__(self, page):
        self.page = page
        self.taps = 0
        self._touches = page.evaluate("navigator.maxTouchPoints > 0")

    def follow(self, link):
        """Open the link of a mail."""
        self.taps += 1
        self.page.goto(link)

    def press(self, target):
        """Tap, where the device has a touch screen, or click."""
        self.taps += 1
        if self._touches:
            target.tap()
        else:
            target.click()


def button(page, name):
    """Return the button with exactly this name."""
    return page.get_by_role("button", name=name, exact=True)


def tab_to(page, selector, limit=60):
    """Press Tab until the focus is on what `selector` names."""
    for _press in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector} on {page.url}")


def one_time_code(secret, at=None):
    """Return the code that an authenticator app shows (RFC 6238); never one that ends within five seconds."""
    now = time.time() if at is None else at
    if at is None and now % 30 > 25:
        time.sleep(30 - now % 30)
        now = time.time()
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(now // 30)), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
