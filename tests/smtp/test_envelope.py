import pytest


def test_null_reverse_path_is_kept_empty(gateway):
    gateway.session().begin(sender="").data(b"\r\nx\r\n.\r\n")
    assert gateway.message.reverse_path == ""


def test_dsn_parameters_are_kept(gateway):
    client = gateway.session()
    client.expect("250", "MAIL FROM:<a@x.test> RET=hdrs ENVID=QQ+2B314 BODY=8BITMIME SIZE=100")
    client.expect("250", "RCPT TO:<b@x.test> NOTIFY=success,FAILURE ORCPT=rfc822;B+2Bb@x.test")
    client.expect("250", "RCPT TO:<c@x.test> NOTIFY=NEVER")
    client.data(b"\r\nx\r\n.\r\n")

    message = gateway.message
    assert (message.dsn_ret, message.dsn_envid, message.eightbit) == ("HDRS", "QQ+2B314", True)
    assert [(path.dsn_notify, path.dsn_orcpt) for path in message.forward_paths] == [
        ("SUCCESS,FAILURE", "rfc822;B+2Bb@x.test"),
        ("NEVER", ""),
    ]


@pytest.mark.parametrize(
    ("parameter", "reply"),
    [
        ("FOO=bar", "555 5.5.4"),
        ("NOTIFY=NEVER", "555 5.5.4"),
        ("SIZE=abc", "501 5.5.4"),
        ("SIZE=999999999999999", "552 5.3.4"),
        ("BODY=BINARYMIME", "501 5.5.4"),
        ("RET=SOME", "501 5.5.4"),
        ("SMTPUTF8=1", "501 5.5.4"),
        ("ENVID=a+zz", "501 5.5.4"),
        ("SIZE=1 SIZE=2", "501 5.5.4"),
    ],
)
def test_wrong_mail_parameter_is_refused(gateway, parameter, reply):
    client = gateway.session()
    assert client.say(f"MAIL FROM:<a@x.test> {parameter}").startswith(reply)
    client.expect("250", "MAIL FROM:<a@x.test>")


@pytest.mark.parametrize(
    ("parameter", "reply"),
    [("FOO=bar", "555 5.5.4"), ("NOTIFY=NEVER,DELAY", "501 5.5.4"), ("ORCPT=nobody", "501 5.5.4")],
)
def test_wrong_rcpt_parameter_is_refused(gateway, parameter, reply):
    client = gateway.session()
    client.expect("250", "MAIL FROM:<a@x.test>")
    assert client.say(f"RCPT TO:<b@x.test> {parameter}").startswith(reply)


def test_parameters_need_ehlo(gateway):
    client = gateway.connect()
    client.expect("250", "HELO client.test")
    assert client.say("MAIL FROM:<a@x.test> SIZE=1").startswith("555 5.5.4")


def test_auth_parameter_is_ignored(gateway):
    gateway.session().expect("250", "MAIL FROM:<a@x.test> AUTH=<>")


def test_address_beyond_ascii_needs_smtputf8(gateway):
    client = gateway.session()
    assert client.say("MAIL FROM:<用户@例え.test>").startswith("553 5.6.7")
    client.expect("250", "MAIL FROM:<a@x.test>")
    assert client.say("RCPT TO:<用户@例え.test>").startswith("553 5.6.7")


def test_address_beyond_ascii_is_kept_with_smtputf8(gateway):
    client = gateway.session()
    client.begin("受信@例え.test", sender="用户@例え.test", parameters=" SMTPUTF8").data(b"\r\nx\r\n.\r\n")

    message = gateway.message
    assert (message.reverse_path, message.forward_paths[0].address) == ("用户@例え.test", "受信@例え.test")
    assert (message.smtputf8, message.protocol) == (True, "UTF8SMTP")


def test_bytes_that_are_no_text_are_refused_in_addresses(gateway):
    assert gateway.session().say(b"MAIL FROM:<\xff\xfe@x.test> SMTPUTF8").startswith("501 5.1.7")


def test_recipients_are_limited(start):
    client = start(max_recipients=100).session()
    client.expect("250", "MAIL FROM:<a@x.test>")
    for number in range(100):
        client.expect("250", f"RCPT TO:<r{number}@x.test>")
    assert client.say("RCPT TO:<one.more@x.test>").startswith("452 4.5.3")
    client.expect("250", "RCPT TO:<r5@x.test>")


def test_recipient_named_twice_is_kept_once(gateway):
    gateway.session().begin("bob@x.test", "Bob@X.test", "bob@x.test").data(b"\r\nx\r\n.\r\n")
    assert [path.address for path in gateway.message.forward_paths] == ["bob@x.test"]


@pytest.mark.parametrize(
    "address",
    [
        "victim%foreign.test@example.test",
        "foreign.test!victim@example.test",
        '"v@foreign.test"@example.test',
        "@example.test:victim@foreign.test",
    ],
)
def test_routed_address_is_refused(gateway, address):
    client = gateway.session()
    client.expect("250", "MAIL FROM:<a@x.test>")
    assert client.say(f"RCPT TO:<{address}>").startswith("553 5.1.3")


def test_postmaster_without_a_domain_is_ours(gateway):
    gateway.session().begin("Postmaster").data(b"\r\nx\r\n.\r\n")
    assert gateway.message.forward_paths[0].address == "Postmaster@example.test"
