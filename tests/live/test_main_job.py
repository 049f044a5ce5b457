"""The main job, end to end, with nothing but SMTP, HTTP, the commands and what arrives."""

import json
import re
import time

import pytest
from live.plant import Plant
from live.sink import Sink
from shared_files import shared

from approvals.judging import read_gist

pytestmark = pytest.mark.live

PEOPLE = """\
address,name,department,manager,language
alice@example.test,Alice Archer,Sales,bob@example.test,en
bob@example.test,Bob Baker,Sales,,en
carol@example.test,Carol Carter,Sales,bob@example.test,ja
admin@example.test,Ada Admin,,,en
"""

PLAIN = b"""From: Alice Archer <alice@example.test>\r
To: %s\r
Subject: %s\r
Message-ID: <%s@example.test>\r
\r
Good day.\r
"""

WITH_FILE = b"""From: Alice Archer <alice@example.test>\r
To: %s\r
Subject: %s\r
Message-ID: <%s@example.test>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
The offer is attached.\r
--b\r
Content-Type: application/pdf; name=offer.pdf\r
Content-Disposition: attachment; filename=offer.pdf\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0xLjQK\r
--b--\r
"""

TWO_APPROVERS = """
format: 1
policies:
  - key: attachment
    name: {ja: 添付, en: Attachment}
    priority: 1
    conditions: [{kind: recipient_is, choice: external}, {kind: has_attachment}]
    actions: [{kind: approval, approvers: persons, persons: [bob@example.test, carol@example.test], deadline: 2h}]
  - key: wait
    name: {ja: 待つ, en: Wait}
    priority: 2
    conditions: [{kind: recipient_is, choice: external}]
    exceptions: [{kind: has_attachment}]
    actions: [{kind: hold, for: 10m, sender_may_send_now: true}]
"""


@pytest.fixture(scope="module")
def next_hop():
    with Sink() as running:
        yield running


@pytest.fixture(scope="module")
def plant(tmp_path_factory, next_hop):
    """An installation with four people, set up by commands alone."""
    folder = tmp_path_factory.mktemp("main")
    people, policies = folder / "people.csv", folder / "policies.yaml"
    people.write_text(PEOPLE, encoding="utf-8")
    policies.write_text(TWO_APPROVERS, encoding="utf-8")
    with Plant(
        folder / "plant", sink=next_hop, MAILHOLD_UNDO_SECONDS=0, MAILHOLD_LEASE_SECONDS=10
    ) as running:
        running.manage("people", "import", str(people))
        running.manage("policy", "apply", str(policies))
        yield running


class Box:
    """What came to the next hop, by subject; each test looks for its own."""

    def __init__(self, sink):
        self.sink = sink

    def find(self, *, to, part, seconds=20, within_body=False):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for mail in list(self.sink.received):
                subject = read_gist(mail.content).subject
                if to in mail.forward_paths and (part in subject or part.encode() in mail.content):
                    return mail
            time.sleep(0.1)
        return None

    def absent(self, *, to, part, seconds):
        time.sleep(seconds)
        return self.find(to=to, part=part, seconds=0.3) is None

    def link(self, *, to, part, kind):
        """The link in the notice to `to` about the mail whose subject holds `part`."""
        mail = self.find(to=to, part=f"{part}", seconds=25)
        assert mail, f"no notice to {to} about {part}"
        return link_in(mail)


def link_in(mail):
    from mailhold.mime.parse import parse

    return re.search(r"http://[^\s]+(/a/[\w-]{43})", parse(mail.content).text).group(1)


@pytest.fixture
def box(next_hop):
    return Box(next_hop)


def notice(box, to, prefix, subject):
    """The notice to `to` whose subject begins with `prefix` and names `subject`."""
    end = time.monotonic() + 25
    while time.monotonic() < end:
        for mail in list(box.sink.received):
            text = read_gist(mail.content).subject
            if to in mail.forward_paths and text.startswith(prefix) and subject in text:
                return mail
        time.sleep(0.1)
    raise AssertionError(
        f"no notice {prefix} to {to}: {[read_gist(m.content).subject for m in box.sink.received]}"
    )


def form_fields(page):
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def press(visitor, link, form, /, **values):
    page = visitor.get(link)
    assert page.status == 200, page.text
    return visitor.post(f"{link}/{form}", {**form_fields(page), **values})


def test_the_internal_copy_arrives_at_once_and_the_external_one_is_held(plant, box):
    content = PLAIN % (b"bob@example.test, x@client.example", b"parted", b"parted")
    plant.send("alice@example.test", ["bob@example.test", "x@client.example"], content)

    arrived = box.find(to="bob@example.test", part="parted")
    assert arrived.content.endswith(content)
    assert arrived.content.startswith(b"Received: from client.example.test")
    assert arrived.forward_paths == ("bob@example.test",)
    assert box.absent(to="x@client.example", part="parted", seconds=2)


def test_the_sender_cancels_by_link(plant, box):
    plant.send("alice@example.test", ["y@client.example"], PLAIN % (b"y@client.example", b"cancel me", b"c"))
    link = link_in(notice(box, "alice@example.test", "[Before sending]", "cancel me"))
    visitor = plant.visitor()

    answer = press(visitor, link, "act", action="cancel")

    assert answer.status == 200
    assert "canceled" in answer.text
    assert "Withdrawn" in visitor.get(link).text
    assert box.absent(to="y@client.example", part="cancel me", seconds=2)


def test_the_boss_approves_by_link_and_it_arrives(plant, box):
    content = WITH_FILE % (b"z@client.example", b"needs a boss", b"boss")
    plant.send("alice@example.test", ["z@client.example"], content)
    link = link_in(notice(box, "bob@example.test", "[Approval needed]", "needs a boss"))
    visitor = plant.visitor()

    assert box.absent(to="z@client.example", part="needs a boss", seconds=1)
    answer = press(visitor, link, "decide", decision="approve")

    assert answer.status == 200
    arrived = box.find(to="z@client.example", part="needs a boss")
    assert arrived.content.endswith(content)
    notice(box, "alice@example.test", "[Sent]", "needs a boss")


def test_looking_at_a_link_a_hundred_times_changes_nothing(plant, box):
    content = WITH_FILE % (b"q@client.example", b"looked at", b"look")
    plant.send("alice@example.test", ["q@client.example"], content)
    link = link_in(notice(box, "bob@example.test", "[Approval needed]", "looked at"))
    visitor = plant.visitor()

    for _ in range(100):
        assert visitor.get(link).status == 200
    assert visitor.request("HEAD", link).status == 200
    visitor.request("OPTIONS", link)
    for action in ("decide", "act", "undo", "new"):
        assert visitor.get(f"{link}/{action}").status == 405

    assert box.absent(to="q@client.example", part="looked at", seconds=2)
    assert 'value="approve"' in visitor.get(link).text


def test_two_approvers_at_once_give_one_release_and_a_friendly_second_answer(plant, box):
    from threading import Barrier, Thread

    plant.send(
        "alice@example.test", ["r@client.example"], WITH_FILE % (b"r@client.example", b"race", b"race")
    )
    links = [
        link_in(notice(box, "bob@example.test", "[Approval needed]", "race")),
        link_in(notice(box, "carol@example.test", "【承認依頼】", "race")),
    ]
    visitors = [plant.visitor(), plant.visitor()]
    pages = [form_fields(visitor.get(link)) for visitor, link in zip(visitors, links, strict=True)]
    start, answers = Barrier(2), []

    def decide(visitor, link, fields):
        start.wait()
        answers.append(visitor.post(f"{link}/decide", {**fields, "decision": "approve"}))

    threads = [
        Thread(target=decide, args=[visitor, link, fields])
        for visitor, link, fields in zip(visitors, links, pages, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status for answer in answers) in ([200, 200], [200, 409])
    assert sum("Already decided" in answer.text for answer in answers) == 1
    box.find(to="r@client.example", part="race")
    time.sleep(1)
    assert sum("r@client.example" in mail.forward_paths for mail in box.sink.received) == 1


def test_a_forwarded_link_is_dead_after_an_edit_and_own_mail_is_refused(plant, box):
    """Driven by the API, as a script would: key, queue, edit by the page, approval refused."""
    plant.send(
        "alice@example.test", ["s@client.example"], WITH_FILE % (b"s@client.example", b"to be edited", b"e")
    )
    link = link_in(notice(box, "bob@example.test", "[Approval needed]", "to be edited"))
    plant.manage("people", "app-password", "alice@example.test", "--stdin", stdin="alicepw-alicepw\n")
    alice = Api(plant, "alice@example.test")
    (hold,) = [item for item in alice.get("/holds")["items"] if item["subject"] == "to be edited"]

    own = alice.post(f"/holds/{hold['id']}/approve", {"revision_id": hold["revision_id"]})
    assert own["status"] == 403

    edit_subject(plant, hold["id"], "edited now")
    notice(box, "bob@example.test", "[Approval needed]", "edited now")
    dead = plant.visitor().get(link)
    assert dead.status == 410
    assert "has been changed" in dead.text

    bob = Api(plant, "bob@example.test")
    (waiting,) = [item for item in bob.get("/holds?scope=queue")["items"] if item["id"] == hold["id"]]
    stale = bob.post(f"/holds/{hold['id']}/approve", {"revision_id": hold["revision_id"]})
    assert (stale["status"], stale["code"]) == (409, "edited")
    bob.post(f"/holds/{hold['id']}/approve", {"revision_id": waiting["revision_id"]})
    arrived = box.find(to="s@client.example", part="edited now")
    assert b"Subject: edited now" in arrived.content
    tags = history_until(alice, hold["message_id"], "hold:delivery:done")
    assert tags[0] == "message:gateway:accepted"
    assert (
        tags.index("hold:sender:edited")
        < tags.index("hold:approver:approved")
        < tags.index("hold:delivery:done")
    )


def history_until(api, message_id, tag, seconds=20):
    """The tags of a message's events, as soon as `tag` is among them: the outcome is written after the next hop's reply."""
    end = time.monotonic() + seconds
    while True:
        tags = [event["tag"] for event in api.get(f"/messages/{message_id}/history")]
        if tag in tags:
            return tags
        assert time.monotonic() < end, tags
        time.sleep(0.2)


def edit_subject(plant, hold_id, subject):
    """Change the subject through the flow, in a process of its own, as Alice."""
    plant.manage(
        "shell",
        "-c",
        "from approvals.flows.edit import Change, edit; from approvals.models import Hold;"
        "from mailhold.directory.models import Person; from audit.record import Actor;"
        "from django.utils import timezone;"
        f"h = Hold.objects.get(pk='{hold_id}'); p = Person.objects.get(email='alice@example.test');"
        f"edit(h.pk, h.revision_id, Change(subject='{subject}'), p, Actor(address=p.email), timezone.now())",
    )


class Api:
    """A script with a bearer key."""

    def __init__(self, plant, address):
        key = re.search(r"mh_\S+", plant.manage("key", "create", address)).group(0)
        self.visitor = plant.visitor()
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def get(self, path):
        page = self.visitor.request("GET", f"/api/v1{path}", **self.headers)
        assert page.status == 200, page.text
        return json.loads(page.text)

    def post(self, path, body):
        page = self.visitor.request("POST", f"/api/v1{path}", json.dumps(body).encode(), **self.headers)
        return json.loads(page.text)


def test_every_sample_arrives_byte_identical_or_is_refused_with_a_code(tmp_path, sink):
    import smtplib

    samples = sorted(shared("samples/mime").glob("*.eml"))
    assert samples
    with Plant(tmp_path / "plant", sink=sink) as plant:
        (tmp_path / "none.yaml").write_text("format: 1\npolicies: []\n", encoding="utf-8")
        plant.manage("policy", "apply", str(tmp_path / "none.yaml"))
        accepted, codes = {}, []
        for number, sample in enumerate(samples):
            # Line ends are made CRLF by whoever sends; what the gateway then gets must come out unchanged.
            content = re.sub(rb"\r\n|\r|\n", b"\r\n", sample.read_bytes())
            content = content if content.endswith(b"\r\n") else content + b"\r\n"
            address = f"sample{number}@rcpt.example"
            try:
                plant.send("alice@example.test", [address], content)
            except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refused:
                codes.append(refused.smtp_code)
                continue
            accepted[address] = content
        assert all(400 <= code < 600 for code in codes)
        received = {mail.forward_paths[0]: mail.content for mail in sink.wait_for(len(accepted), 120)}
        assert len(accepted) > 0.9 * len(samples)
        assert set(received) == set(accepted)
        for address, content in accepted.items():
            assert received[address].endswith(content), address


def test_what_is_ready_says_so_and_the_record_holds(plant):
    ready = plant.visitor().get("/readyz")
    assert ready.status == 200, ready.text
    # Both end with 1, which `manage` does not let pass, where something is wrong.
    assert "as they were sealed" in plant.manage("audit", "verify")
    assert plant.manage("doctor")
