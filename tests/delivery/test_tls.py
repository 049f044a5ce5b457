import ssl

import pytest
import trustme
from django.core.exceptions import ImproperlyConfigured

from mailhold.delivery.outcome import Result
from mailhold.delivery.route import tls_context
from mailhold.delivery.smarthost import deliver

KEN = "ken@customer.example"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def context(authority):
    """Makes the server's side of TLS with a certificate for a name."""

    def make(name="localhost"):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(made)
        return made

    return make


@pytest.fixture
def trusted(authority, settings, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    settings.SMARTHOST_CA_FILE = str(path)


def deferred(outcomes):
    assert (outcomes[KEN].result, outcomes[KEN].reply_code) == (Result.DEFERRED, 0)
    return outcomes[KEN].reply_text


def test_required_tls_delivers_under_a_verified_certificate(server, outgoing, context, trusted):
    fake = server(query="tls=required", context=context())
    assert deliver(outgoing())[KEN].result is Result.DELIVERED
    assert fake.received[0].tls
    assert len(fake.commands("EHLO")) == 2


def test_required_tls_refuses_an_unknown_authority(server, outgoing, context):
    fake = server(query="tls=required", context=context())
    assert "certificate" in deferred(deliver(outgoing()))
    assert fake.commands("MAIL") == []


def test_required_tls_refuses_a_certificate_for_another_name(server, outgoing, context, trusted):
    fake = server(query="tls=required", context=context("other.example"))
    assert "localhost" in deferred(deliver(outgoing()))
    assert fake.commands("MAIL") == []


def test_required_tls_refuses_a_next_hop_that_does_not_offer_it(server, outgoing):
    fake = server(query="tls=required")
    assert "offers no STARTTLS" in deferred(deliver(outgoing()))
    assert fake.commands("MAIL") == []


def test_required_tls_refuses_to_go_on_in_the_clear(server, outgoing, context, trusted):
    fake = server(query="tls=required", context=context(), replies={"starttls": ["454 4.7.0 not now"]})
    outcome = deliver(outgoing())[KEN]
    assert (outcome.result, outcome.reply_code) == (Result.DEFERRED, 454)
    assert fake.commands("MAIL") == []


def test_opportunistic_tls_takes_any_certificate(server, outgoing, context):
    fake = server(query="tls=opportunistic", context=context("other.example"))
    assert deliver(outgoing())[KEN].result is Result.DELIVERED
    assert fake.received[0].tls


def test_opportunistic_is_what_an_address_without_options_means(server, outgoing, context):
    fake = server(query="", context=context("other.example"))
    deliver(outgoing())
    assert fake.received[0].tls


@pytest.mark.parametrize("fields", [{}, {"replies": {"starttls": ["454 4.7.0 not now"]}}])
def test_opportunistic_tls_goes_on_in_the_clear_where_it_cannot_have_it(server, outgoing, context, fields):
    fake = server(query="tls=opportunistic", context=context() if fields else None, **fields)
    assert deliver(outgoing())[KEN].result is Result.DELIVERED
    assert not fake.received[0].tls


def test_tls_off_does_not_ask_for_it(server, outgoing, context):
    fake = server(query="tls=off", context=context())
    deliver(outgoing())
    assert fake.commands("STARTTLS") == []


def test_clear_text_slipped_in_behind_starttls_ends_the_session(server, outgoing, context):
    fake = server(
        query="tls=opportunistic",
        context=context(),
        replies={"starttls": [b"220 go\r\n250-fake\r\n250 AUTH PLAIN\r\n"]},
    )
    assert "clear text" in deferred(deliver(outgoing()))
    assert fake.commands("MAIL") == []


def test_smtps_is_tls_from_the_first_octet_and_verified(server, outgoing, context, trusted):
    fake = server(context=context(), implicit_tls=True)
    assert deliver(outgoing())[KEN].result is Result.DELIVERED
    assert fake.received[0].tls


def test_smtps_refuses_an_unknown_authority(server, outgoing, context):
    server(context=context(), implicit_tls=True)
    assert "certificate" in deferred(deliver(outgoing()))


def test_a_connection_under_tls_is_kept_too(server, outgoing, context, trusted):
    fake = server(query="tls=required", context=context())
    for _ in range(3):
        assert deliver(outgoing(), lambda: None)[KEN].result is Result.DELIVERED
    assert fake.sessions == 1


def test_a_tls_connection_that_dies_before_the_dot_is_deferred(server, outgoing, context, trusted):
    fake = server(query="tls=required", context=context())
    deferred(deliver(outgoing(), fake.drop_all))
    assert fake.received == []


def test_the_context_is_made_once():
    assert tls_context(verified=True, ca_file="") is tls_context(verified=True, ca_file="")


def test_a_file_without_certificates_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "empty.pem"
    path.write_text("nothing here")
    with pytest.raises(ImproperlyConfigured, match="holds no certificates"):
        tls_context(verified=True, ca_file=str(path))


# --- signing in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "PLAIN"])
def test_user_and_password_are_given_under_tls(server, outgoing, context, trusted, mechanisms):
    fake = server(query="tls=required", login="mail%40hold:s3cret@", context=context(), auth=mechanisms)
    assert deliver(outgoing())[KEN].result is Result.DELIVERED
    assert fake.received[0].auth == "mail@hold"


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN"])
def test_a_wrong_password_is_our_fault_so_mail_waits(server, outgoing, mechanisms):
    fake = server(login="mailhold:hunter2@", auth=mechanisms)
    sentence = deferred(deliver(outgoing()))
    assert "refuses our user and password (535 5.7.8" in sentence
    assert "hunter2" not in sentence
    assert fake.commands("MAIL") == []


def test_a_password_is_not_sent_in_the_clear_unless_the_settings_say_so(server, outgoing):
    fake = server(query="tls=opportunistic", login="mailhold:s3cret@", auth="PLAIN")
    assert "not sent in the clear" in deferred(deliver(outgoing()))
    assert fake.commands("AUTH") == []


def test_tls_off_says_so(server, outgoing):
    fake = server(query="tls=off", login="mailhold:s3cret@", auth="PLAIN")
    assert deliver(outgoing())[KEN].result is Result.DELIVERED
    assert fake.received[0].auth == "mailhold"


@pytest.mark.parametrize("mechanisms", ["", "GSSAPI CRAM-MD5"])
def test_a_next_hop_without_a_known_way_to_sign_in_is_deferred(server, outgoing, mechanisms):
    server(login="mailhold:s3cret@", auth=mechanisms)
    assert "neither AUTH PLAIN nor AUTH LOGIN" in deferred(deliver(outgoing()))
