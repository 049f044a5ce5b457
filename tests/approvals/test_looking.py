"""Looking into messages through the real process apart."""

import os
import signal
import subprocess
import sys

import pytest

from approvals import looking
from policies.content_reading import content_fact

MAIL = b"""From: Alice <alice@example.test>\r
To: x@client.example\r
Subject: =?utf-8?b?6KaL56mN5pu4?=\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
Card: 4111 1111 1111 1111, taro@client.example\r
--b\r
Content-Type: text/csv; name=list.csv; charset=utf-8\r
Content-Disposition: attachment; filename=list.csv\r
\r
name,e-mail\r
Taro Yamada,taro.yamada@client.example\r
--b--\r
"""


def test_what_comes_back_is_what_reading_in_place_gives():
    assert looking.content_of(MAIL) == content_fact(MAIL)


def test_attachments_are_read_and_searched_in_one_go():
    examined = looking.examination_of(MAIL, passwords=(), own_domains=frozenset(), find=True)

    assert [file.path for file in examined.inspection.files] == [("list.csv",)]
    assert "taro.yamada@client.example" in {finding.value for finding in examined.findings}
    assert not looking.examination_of(MAIL, passwords=(), own_domains=frozenset(), find=False).findings


def test_a_process_that_dies_over_a_message_leaves_a_code_and_the_next_one_is_read():
    looking.content_of(MAIL)
    sandbox = looking._sandbox()
    os.kill(sandbox._child.pid, signal.SIGSTOP)
    os.kill(sandbox._child.pid, signal.SIGKILL)

    first, second = looking.content_of(MAIL), looking.content_of(MAIL)

    assert second == content_fact(MAIL)
    assert first == second or first.problem == "crashed"


@pytest.mark.parametrize("megabytes", [128])
def test_a_message_that_needs_more_memory_than_allowed_is_not_inspected(megabytes, settings):
    settings.INSPECTION_MEGABYTES = megabytes
    content = MAIL.replace(b"Card:", b"Card: " + b"x" * 60_000_000)

    fact = looking.content_of(content)

    assert not fact.inspected
    assert fact.problem in {"too_large", "crashed"}


def test_more_text_than_is_searched_is_said_to_be_unread():
    content = MAIL.replace(b"name,e-mail", b"name,e-mail" + b"\r\nfiller,filler" * 40_000)

    searched = looking.examination_of(content, passwords=(), own_domains=frozenset(), find=True)

    assert not searched.inspection.inspected
    assert "too_large" in searched.inspection.problems
    assert looking.examination_of(
        content, passwords=(), own_domains=frozenset(), find=False
    ).inspection.inspected


def test_processes_that_let_others_look_load_neither_detectors_nor_readers_of_files():
    """They cost a second at the start of every process and command, and memory in each."""
    program = (
        "import sys, django; django.setup(); import mailhold.urls, approvals.tasks, approvals.dispatcher; "
        "sys.exit(', '.join({'policies.detectors.find', 'mailhold.mime.inspection', 'pypdf'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
