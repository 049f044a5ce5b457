"""The gateway leans on private parts of aiosmtpd and asyncio: these tests say when a release has moved them."""

import asyncio
import importlib.metadata
import inspect

from aiosmtpd.smtp import SMTP

from mailhold.gateway.protocol import PRIVATE_NAMES, SmtpSession


def test_aiosmtpd_is_the_release_that_was_read():
    assert importlib.metadata.version("aiosmtpd") == "1.4.6"


def test_private_names_exist():
    assert [name for name in PRIVATE_NAMES if not hasattr(SMTP, name)] == []


def test_attributes_exist_that_are_set_when_a_session_begins():
    source = inspect.getsource(SMTP)
    for name in (
        "_smtp_methods",
        "_timeout_handle",
        "_timeout_duration",
        "_reader",
        "_writer",
        "_handler_coroutine",
    ):
        assert f"self.{name}" in source


def test_reader_has_its_buffer_and_transport():
    async def make():
        return asyncio.StreamReader()

    reader = asyncio.run(make())
    assert isinstance(reader._buffer, bytearray)
    assert reader._transport is None


def test_every_command_of_aiosmtpd_is_answered_here():
    commands = [name for name in vars(SMTP) if name.startswith("smtp_")]
    assert [name for name in commands if getattr(SmtpSession, name) is getattr(SMTP, name)] == []
    assert set(commands) <= set(SmtpSession._command_names)
