import ipaddress
import ssl

import pytest
import trustme

from mailhold.gateway.exceptions import WrongBindError, WrongCertificateError
from mailhold.gateway.options import Bind, Options, parse_bind, readable_peer, tls_context
from mailhold.gateway.server import instance_mark, options_from_settings, smtp_name


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("127.0.0.1:2525", Bind("127.0.0.1", 2525, False)),
        ("0.0.0.0:465+tls", Bind("0.0.0.0", 465, True)),
        ("[::1]:25", Bind("::1", 25, False)),
        ("localhost:0", Bind("localhost", 0, False)),
    ],
)
def test_bind_is_read(text, bind):
    assert parse_bind(text) == bind


@pytest.mark.parametrize(
    "text", ["", "2525", ":2525", "host", "host:", "host:x", "host:70000", "host:25+ssl"]
)
def test_wrong_bind_is_a_sentence(text):
    with pytest.raises(WrongBindError, match="is no address to listen on"):
        parse_bind(text)


@pytest.mark.parametrize(
    ("peername", "address"),
    [
        (("192.0.2.1", 5), "192.0.2.1"),
        (("::ffff:192.0.2.1", 5, 0, 0), "192.0.2.1"),
        (("fe80::1%eth0", 5, 0, 2), "fe80::1"),
        (("2001:DB8::1", 5, 0, 0), "2001:db8::1"),
        (None, "0.0.0.0"),
    ],
)
def test_peer_is_an_address(peername, address):
    assert readable_peer(peername) == address


def test_only_clients_in_the_networks_are_trusted():
    networks = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1"))
    options = Options(hostname="h", postmaster_domain="d", instance="i", trusted_networks=networks)
    trusted = [options.trusts(peer) for peer in ("10.1.2.3", "::1", "11.0.0.1", "2001:db8::1", "0.0.0.0")]
    assert trusted == [True, True, False, False, False]


def test_tls_is_1_2_at_least(tmp_path):
    certificate = tmp_path / "both.pem"
    trustme.CA().issue_cert("mx.test").private_key_and_cert_chain_pem.write_to_path(certificate)
    assert tls_context(str(certificate), str(certificate)).minimum_version is ssl.TLSVersion.TLSv1_2


def test_certificate_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(WrongCertificateError, match="No such file"):
        tls_context(str(tmp_path / "no.pem"), str(tmp_path / "no.pem"))


def test_certificate_that_is_none_is_a_sentence(tmp_path):
    (tmp_path / "x.pem").write_text("nonsense")
    with pytest.raises(WrongCertificateError, match="cannot be used"):
        tls_context(str(tmp_path / "x.pem"), str(tmp_path / "x.pem"))


def test_settings_become_options(settings):
    settings.SMTP_MAX_BYTES = 12345
    settings.TRUSTED_NETWORKS = []
    options = options_from_settings()
    assert (options.max_bytes, options.trusted_networks, options.tls) == (12345, (), None)


def test_mark_of_the_installation_depends_on_its_secret(settings):
    first = instance_mark()
    assert first == instance_mark()
    settings.SECRET_KEY = "another"
    assert instance_mark() != first


@pytest.mark.parametrize(
    ("hostname", "name"), [("mx.test", "mx.test"), ("127.0.0.1", "[127.0.0.1]"), ("::1", "[IPv6:::1]")]
)
def test_address_as_a_name_is_a_literal(hostname, name):
    assert smtp_name(hostname) == name
