import pytest
from django.core.exceptions import ImproperlyConfigured

from mailhold.delivery.route import Route, Tls, configured_route, parse_route


@pytest.mark.parametrize(
    ("url", "route"),
    [
        ("smtp://mail.example.test", Route(host="mail.example.test", port=25, tls=Tls.OPPORTUNISTIC)),
        ("SMTP://mail.example.test:587/", Route(host="mail.example.test", port=587, tls=Tls.OPPORTUNISTIC)),
        ("smtp://10.0.0.5:2525?tls=off", Route(host="10.0.0.5", port=2525, tls=Tls.OFF)),
        ("smtp://[::1]:2525?tls=required", Route(host="::1", port=2525, tls=Tls.REQUIRED)),
        ("smtps://mail.example.test", Route(host="mail.example.test", port=465, tls=Tls.IMPLICIT)),
        (
            "smtps://alice%40example.test:p%3Aw%2F%40%25@mail.example.test:8465",
            Route(
                host="mail.example.test",
                port=8465,
                tls=Tls.IMPLICIT,
                user="alice@example.test",
                password="p:w/@%",
            ),
        ),
    ],
)
def test_an_address_of_the_smarthost_is_read(url, route):
    assert parse_route(url) == route


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.test",
        "mail.example.test:25",
        "http://mail.example.test",
        "smtp://",
        "smtp://:25",
        "smtp://mail.example.test:0",
        "smtp://mail.example.test:70000",
        "smtp://mail.example.test:port",
        "smtp://[::1",
        "smtp://mail example.test",
        "smtp://mail..example.test",
        f"smtp://{'a' * 64}.example.test",
        "smtp://mail.example.test/path",
        "smtp://mail.example.test#part",
        "smtp://mail.example.test?tls=maybe",
        "smtp://mail.example.test?tls=implicit",
        "smtp://mail.example.test?tls=off&tls=required",
        "smtp://mail.example.test?tls",
        "smtp://mail.example.test?verify=0",
        "smtps://mail.example.test?tls=off",
        "smtp://hunter2@mail.example.test",
        "smtp://:hunter2@mail.example.test",
        "smtp://user:hunter2%00@mail.example.test",
        "smtp://user:hunter2/@mail.example.test",
    ],
)
def test_a_wrong_address_is_refused_with_a_sentence_that_repeats_no_password(url):
    with pytest.raises(ImproperlyConfigured, match=r"^MAILHOLD_SMARTHOST .*; write smtp://") as caught:
        parse_route(url)
    assert "hunter2" not in str(caught.value)


def test_a_route_shows_no_password():
    route = parse_route("smtp://user:hunter2@mail.example.test")
    assert "hunter2" not in f"{route} {route!r}"


def test_no_smarthost_means_the_demo_mailbox(settings):
    settings.SMARTHOST = ""
    assert configured_route() is None


def test_a_file_of_authorities_that_is_not_there_is_refused(settings):
    settings.SMARTHOST = "smtp://mail.example.test"
    settings.SMARTHOST_CA_FILE = "/nowhere/ca.pem"
    with pytest.raises(ImproperlyConfigured, match="which is no file"):
        configured_route()
