"""What every request passes."""

import json
import logging

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone, translation

from mailhold import errors, health
from mailhold.context import product
from mailhold.middleware import PersonLocaleMiddleware


def whole_answer(request):
    return HttpResponse(f"{translation.get_language()} {timezone.get_current_timezone_name()}")


def broken(request):
    raise OperationalError("server closed the connection unexpectedly")


def wrong(request):
    raise IntegrityError("null value")


urlpatterns = [path("answer/", whole_answer), path("broken/", broken), path("wrong/", wrong)]
handler500 = "mailhold.errors.server_error"


@pytest.fixture
def pages(settings, client):
    settings.ROOT_URLCONF = __name__
    return client


@pytest.mark.django_db
def test_a_visitor_gets_the_language_of_the_browser(pages):
    answer = pages.get("/answer/", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert answer.content == b"en Asia/Tokyo"
    assert answer["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_visitor_without_a_known_language_gets_that_of_the_installation(pages):
    assert pages.get("/answer/", headers={"Accept-Language": "fr"}).content.startswith(b"ja")


@pytest.mark.django_db
def test_the_language_that_a_visitor_chose_wins_over_the_browser(pages):
    pages.cookies["mailhold_language"] = "en"
    assert pages.get("/answer/", headers={"Accept-Language": "ja"}).content.startswith(b"en")


@pytest.mark.django_db
def test_a_person_gets_own_language_and_time_zone(pages, alice):
    type(alice).objects.filter(pk=alice.pk).update(language="ja", time_zone="Europe/Paris")
    pages.force_login(alice)
    assert pages.get("/answer/", headers={"Accept-Language": "en"}).content == b"ja Europe/Paris"


@pytest.mark.django_db
def test_a_time_zone_that_this_system_does_not_know_does_not_close_the_page(pages, alice, caplog):
    type(alice).objects.filter(pk=alice.pk).update(time_zone="Mars/Olympus")
    pages.force_login(alice)
    assert pages.get("/answer/").content == b"en Asia/Tokyo"


@pytest.mark.django_db
def test_language_and_time_zone_are_put_back_after_the_request(alice):
    request = RequestFactory().get("/")
    type(alice).objects.filter(pk=alice.pk).update(language="ja", time_zone="Europe/Paris")
    alice.refresh_from_db()
    request.user = alice
    with translation.override("en"), timezone.override("UTC"):
        PersonLocaleMiddleware(whole_answer)(request)
        assert translation.get_language() == "en"
        assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_every_answer_has_an_identifier_and_is_no_matter_for_search_engines(pages):
    first, second = pages.get("/answer/"), pages.get("/answer/")
    assert first["X-Robots-Tag"] == "noindex"
    assert first["X-Request-ID"] != second["X-Request-ID"]


@pytest.mark.django_db
def test_a_client_cannot_choose_the_identifier_but_a_proxy_of_ours_can(pages, settings):
    given = {"X-Request-ID": "0123456789abcdef"}
    assert pages.get("/answer/", headers=given)["X-Request-ID"] != given["X-Request-ID"]
    settings.TRUSTED_PROXIES = 1
    assert pages.get("/answer/", headers=given)["X-Request-ID"] == given["X-Request-ID"]


@pytest.mark.django_db
def test_a_request_is_logged_without_the_token_of_its_link(pages, caplog):
    with caplog.at_level(logging.INFO, logger="mailhold.web"):
        pages.get("/a/s3cr3t/?q=alice@example.test")
    (record,) = [record for record in caplog.records if record.name == "mailhold.web"]
    assert record.path == "/a/***/"
    assert "alice" not in str(record.__dict__)


@pytest.mark.django_db
def test_a_database_that_is_away_gives_a_page_that_says_so(pages):
    pages.raise_request_exception = False
    answer = pages.get("/broken/", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert b"database" in answer.content


@pytest.mark.django_db
def test_a_mistake_of_ours_is_no_database_failure(pages):
    pages.raise_request_exception = False
    answer = pages.get("/wrong/")
    assert answer.status_code == 500
    assert answer["X-Request-ID"].encode() in answer.content


def test_the_page_for_a_database_failure_needs_no_template(settings):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [], "APP_DIRS": False}]
    answer = errors.storage_unavailable(RequestFactory().get("/"))
    assert answer.status_code == 503
    assert b"<h1>" in answer.content


@pytest.mark.parametrize(
    ("error", "storage"),
    [
        (OperationalError(), True),
        (InterfaceError(), True),
        (DatabaseError("database disk image is malformed"), True),
        (IntegrityError(), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_what_counts_as_a_storage_failure(error, storage):
    assert errors.is_storage_failure(error) is storage


def test_being_alive_needs_no_database_and_no_known_host(client):
    # No django_db mark: a query would raise.
    answer = client.get("/healthz", headers={"Host": "10.1.2.3"})
    assert answer.status_code == 200


def well():
    return None


def ill():
    return "The dispatcher is silent."


def unhappy():
    raise RuntimeError("x")


def test_readiness_is_200_when_all_checks_pass(client, settings):
    settings.READINESS_CHECKS = [f"{__name__}.well"]
    answer = client.get("/readyz", headers={"Host": "10.1.2.3"})
    assert answer.status_code == 200
    assert json.loads(answer.content) == {"status": "ok", "checks": {"well": "ok"}}


def test_readiness_is_503_and_names_the_problem_when_one_fails(client, settings):
    settings.READINESS_CHECKS = [f"{__name__}.ill", f"{__name__}.well"]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"ill": "The dispatcher is silent.", "well": "ok"}


def test_a_check_that_breaks_fails_and_hides_no_other():
    found = health.run_checks([f"{__name__}.unhappy", f"{__name__}.ill"])
    assert found == {
        "unhappy": f"The check {__name__}.unhappy could not be run: RuntimeError.",
        "ill": "The dispatcher is silent.",
    }


@pytest.mark.django_db
def test_a_database_that_answers_is_well():
    assert health.database() is None


def test_a_database_that_does_not_answer_is_a_sentence(monkeypatch):
    def away():
        raise OperationalError("away")

    monkeypatch.setattr(health.connection, "cursor", away)
    assert health.database() == "The database does not answer."


def test_templates_can_show_the_product(settings):
    settings.ORGANISATION, settings.DEMO = "Example Trading", True
    with translation.override("en"):
        shown = product(RequestFactory().get("/"))
    assert (shown["organisation"], shown["demo"], shown["language"]) == ("Example Trading", True, "en")


@pytest.mark.django_db
def test_inline_styles_are_allowed_only_where_the_password_widget_needs_them(admin_client_of, admin):
    pages = admin_client_of(admin)
    with_widget = pages.get(f"/admin/directory/person/{admin.pk}/change/")
    assert with_widget.status_code == 200
    assert "'unsafe-inline'" in with_widget["Content-Security-Policy"]
    assert "'unsafe-inline'" not in pages.get("/admin/")["Content-Security-Policy"]


@pytest.fixture
def admin_client_of(client):
    def signed_in(person):
        client.force_login(person)
        return client

    return signed_in
