import re

import pytest
from hypothesis import given, strategies as st

from mailhold.gateway.data import content_of
from mailhold.gateway.exceptions import RefusedError


def on_the_wire(content):
    return b"\r\n" + re.sub(rb"(?m)^\.", b"..", content) + b".\r\n"


@given(st.lists(st.binary().map(lambda line: line.replace(b"\r", b"").replace(b"\n", b"")), min_size=1))
def test_what_has_crlf_only_comes_out_as_it_was(lines):
    content = b"".join(line + b"\r\n" for line in lines)
    assert content_of(on_the_wire(content), most=10**6) == content


@given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"\0", b"x", b"\r\n", b"\r\n..", b"\n.\r\n"])))
def test_no_bare_line_end_is_left(pieces):
    wire = b"\r\n" + b"".join(pieces) + b"\r\n.\r\n"
    content = content_of(wire, most=10**6)
    assert content.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)


def test_size_is_that_of_the_unstuffed_content():
    wire = b"\r\n" + b"..\r\n" * 10 + b".\r\n"
    assert len(content_of(wire, most=30)) == 30
    with pytest.raises(RefusedError, match=r"552 5\.3\.4"):
        content_of(wire, most=29)
