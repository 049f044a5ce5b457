"""Processes die by SIGKILL while mail comes in and goes out: nothing is lost, and what may be doubled is marked."""

import random
import smtplib
import threading
import time

import pytest
from live.plant import Plant
from live.sink import Sink

# Its own waits, which say what they waited for, come to more than the limit of other tests.
pytestmark = [pytest.mark.live, pytest.mark.faults, pytest.mark.timeout(480)]

MESSAGES = 2000
SENDERS = 8
KINDS = ("smtp", "dispatch", "worker", "web")


def send_share(plant, share, accepted, lock):
    """Send each message until it is answered 250; what is answered 250 counts as accepted."""
    client = None
    for number in share:
        content = f"From: a@example.test\r\nSubject: n{number}\r\n\r\nnumber {number}\r\n".encode()
        for _ in range(1500):  # a process that was killed again and again is started later and later
            try:
                if client is None:
                    client = smtplib.SMTP("127.0.0.1", plant.smtp_port, "client.test", timeout=30)
                client.sendmail("a@example.test", [f"n{number}@rcpt.example"], content)
            except (OSError, smtplib.SMTPException):
                if client is not None:
                    client.close()
                client = None
                time.sleep(0.1)
                continue
            with lock:
                accepted.append(number)
            break
        else:
            raise AssertionError(f"message {number} was never accepted")
    if client is not None:
        client.close()


def test_random_kills_lose_nothing_and_double_nothing_unmarked(tmp_path):
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with (
        Sink() as sink,
        Plant(
            tmp_path / "plant",
            sink=sink,
            MAILHOLD_LEASE_SECONDS=5,
            MAILHOLD_DOT_TIMEOUT=5,
            MAILHOLD_RETRY_SECONDS="1,1,2,2,5,5,5,5,5",
        ) as plant,
    ):
        (tmp_path / "none.yaml").write_text("format: 1\npolicies: []\n", encoding="utf-8")
        plant.manage("policy", "apply", str(tmp_path / "none.yaml"))
        accepted, lock = [], threading.Lock()
        threads = [
            threading.Thread(target=send_share, args=(plant, range(start, MESSAGES, SENDERS), accepted, lock))
            for start in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        kills = 0
        # It goes on while mail comes in and until most of it has gone out again, so that workers die with mail in hand.
        end = time.monotonic() + 60
        while (
            any(t.is_alive() for t in threads) or len(sink.received) < MESSAGES * 0.8
        ) and time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 2.5))
            kind = chance.choice(KINDS)
            pids = plant.pids(kind)
            if pids:
                plant.kill(kind, chance.randrange(len(pids)))
                kills += 1
        for thread in threads:
            thread.join()
        assert len(accepted) == MESSAGES
        assert kills >= 5
        report = wait_until_settled(plant)
        arrived = {}
        for mail in sink.received:
            for address in mail.forward_paths:
                arrived[address] = arrived.get(address, 0) + 1
    # A message may have been accepted twice where the 250 was lost with its process: the client sent it again. What
    # counts is the recipients' rows: each one delivered exactly once, or marked as unknown.
    delivered, unknown, problems = report["delivered"], report["outcome_unknown"], report["problems"]
    assert problems == []
    for number in range(MESSAGES):
        address = f"n{number}@rcpt.example"
        copies, marked = delivered.get(address, 0), unknown.get(address, 0)
        assert copies + marked >= 1, address
        assert copies <= arrived.get(address, 0) <= copies + marked, address
    print(f"{kills} kills, {sum(unknown.values())} marked unknown, {sum(delivered.values())} delivered")


REPORT = """
import json
from collections import Counter
from approvals.conservation import problems
from mailhold.mailstore.models import Recipient
rows = list(Recipient.objects.values_list("address", "status"))
print("REPORT" + json.dumps({
    "open": sum(status not in ("delivered", "outcome_unknown") for _, status in rows),
    "delivered": Counter(a for a, s in rows if s == "delivered"),
    "outcome_unknown": Counter(a for a, s in rows if s == "outcome_unknown"),
    "problems": problems(),
}))
"""


def wait_until_settled(plant, seconds=150):
    import json

    end = time.monotonic() + seconds
    while True:
        line = next(
            line for line in plant.manage("shell", "-c", REPORT).splitlines() if line.startswith("REPORT")
        )
        report = json.loads(line.removeprefix("REPORT"))
        if report["open"] == 0:
            return report
        assert time.monotonic() < end, f"{report['open']} recipients are not settled"
        time.sleep(2)
