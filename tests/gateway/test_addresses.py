import pytest

from mailhold.gateway.addresses import forward_path, reverse_path
from mailhold.gateway.exceptions import RefusedError


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("<alice@example.test>", ("alice@example.test", "")),
        (
            "<Alice.O'Neil+tag=x@mail-1.example.test> SIZE=5",
            ("Alice.O'Neil+tag=x@mail-1.example.test", "SIZE=5"),
        ),
        ("<a..b.@docomo.ne.jp>", ("a..b.@docomo.ne.jp", "")),
        ("<.a@x.test>", (".a@x.test", "")),
        ("<a@_spf.x_y.test>", ("a@_spf.x_y.test", "")),
        ('<"john doe"@x.test> BODY=7BIT', ('"john doe"@x.test', "BODY=7BIT")),
        (r'<"a\"b"@x.test>', (r'"a\"b"@x.test', "")),
        ("<a@[192.0.2.1]>", ("a@[192.0.2.1]", "")),
        ("<a@[IPv6:2001:db8::1]>", ("a@[IPv6:2001:db8::1]", "")),
        ("<用户@例え.テスト> SMTPUTF8", ("用户@例え.テスト", "SMTPUTF8")),
        ("a@x.test SIZE=1", ("a@x.test", "SIZE=1")),
        ("<>", ("", "")),
        ("<> BODY=8BITMIME", ("", "BODY=8BITMIME")),
    ],
)
def test_reverse_path_is_read(argument, expected):
    assert reverse_path(argument) == expected


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "<",
        "alice",
        "<alice>",
        "<@x.test>",
        "<alice@>",
        "<alice@x..test>",
        "<alice@-x.test>",
        "<alice@x.test",
        "<alice@x.test>SIZE=1",
        "<al ice@x.test>",
        "<alice@x.test\r>",
        "<alice@x.test\0>",
        '<"a\r\nb"@x.test>',
        '<"a\0b"@x.test>',
        "<a@b@x.test>",
        "<alice@[127.0.0.1>",
        "<alice@[nonsense]>",
        "<a\udcff@x.test>",
        "<a\u0085b@x.test>",
        f"<{'a' * 320}@x.test>",
        f"<a@{'x' * 256}>",
        "<<a@x.test>>",
    ],
)
def test_what_is_no_address_is_refused(argument):
    with pytest.raises(RefusedError) as refused:
        reverse_path(argument)
    assert refused.value.reply.startswith(("501 5.1.7", "553 5.1.3"))


@pytest.mark.parametrize(
    "argument",
    ["<a%b@x.test>", "<b!a@x.test>", '<"a@b"@x.test>', "<@b.test:a@x.test>", "<@b.test,@c.test:a@x.test>"],
)
def test_recipient_with_a_route_is_refused(argument):
    with pytest.raises(RefusedError, match=r"553 5\.1\.3"):
        forward_path(argument, "example.test")


def test_null_path_is_no_recipient():
    with pytest.raises(RefusedError, match=r"501 5\.1\.3"):
        forward_path("<>", "example.test")


def test_postmaster_gets_our_domain():
    assert forward_path("<POSTMASTER> NOTIFY=NEVER", "example.test") == (
        "POSTMASTER@example.test",
        "NOTIFY=NEVER",
    )


def test_hostile_address_takes_no_time():
    with pytest.raises(RefusedError):
        reverse_path("<a@" + "a-" * 30_000 + "!>")
    with pytest.raises(RefusedError):
        reverse_path('<"' + "\\ " * 30_000 + "@x.test>")
