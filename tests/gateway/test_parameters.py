import pytest

from mailhold.gateway.exceptions import RefusedError
from mailhold.gateway.parameters import MailParameters, RcptParameters, mail_parameters, rcpt_parameters


def test_no_parameters_are_the_defaults():
    assert mail_parameters("") == MailParameters()
    assert rcpt_parameters("", smtputf8=False) == RcptParameters()


def test_all_mail_parameters_are_read_in_any_case():
    parsed = mail_parameters("size=10 Body=8bitmime SMTPUTF8 ret=full EnvId=a+2Bb AUTH=<>")
    assert parsed == MailParameters(size=10, eightbit=True, smtputf8=True, ret="FULL", envid="a+2Bb")


def test_seven_bit_body_is_no_eight_bit():
    assert not mail_parameters("BODY=7BIT").eightbit


@pytest.mark.parametrize("text", ["NOTIFY=NEVER", "NOTIFY=SUCCESS", "NOTIFY=DELAY,FAILURE,SUCCESS"])
def test_notify_is_kept(text):
    assert rcpt_parameters(text, smtputf8=False).notify == text.partition("=")[2]


@pytest.mark.parametrize(
    "text",
    [
        "SIZE",
        "SIZE=",
        "SIZE=-1",
        f"SIZE={'9' * 21}",
        "SIZE=１",
        "BODY",
        "BODY=x",
        "SMTPUTF8=",
        "RET",
        "RET=x",
        "ENVID=",
        "ENVID=a=b",
        f"ENVID={'a' * 101}",
        "ENVID=+2b",
        "=x",
        "A_B=1",
        "RET=FULL RET=FULL",
        "AUTH",
    ],
)
def test_malformed_mail_parameter_is_501(text):
    with pytest.raises(RefusedError, match=r"501 5\.5\.4"):
        mail_parameters(text)


@pytest.mark.parametrize(
    "text",
    [
        "NOTIFY",
        "NOTIFY=",
        "NOTIFY=NEVER,FAILURE",
        "NOTIFY=FAILURE,FAILURE",
        "NOTIFY=X",
        "NOTIFY=FAILURE,",
        "ORCPT",
        "ORCPT=rfc822",
        "ORCPT=rfc822;",
        "ORCPT=;a",
        "ORCPT=rfc822;a=b",
        "ORCPT=rfc822;あ@x.test",
        f"ORCPT=rfc822;{'a' * 500}",
    ],
)
def test_malformed_rcpt_parameter_is_501(text):
    with pytest.raises(RefusedError, match=r"501 5\.5\.4"):
        rcpt_parameters(text, smtputf8=False)


def test_original_recipient_may_be_beyond_ascii_with_smtputf8():
    assert rcpt_parameters("ORCPT=utf-8;あ@x.test", smtputf8=True).orcpt == "utf-8;あ@x.test"


@pytest.mark.parametrize("text", ["FOO", "FOO=1", "SIZE=1 BY=3;R", "NOTIFY=NEVER"])
def test_unknown_mail_parameter_is_555(text):
    with pytest.raises(RefusedError, match=r"555 5\.5\.4"):
        mail_parameters(text)
