"""What a load balancer or a monitor asks: is the process alive, and can the installation do its work."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

NO_STORE = {"Cache-Control": "no-store"}


def live(request: HttpRequest) -> HttpResponse:
    """Answer that this process runs; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain", headers=NO_STORE)


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every check of READINESS_CHECKS passes, else 503, with the problem of each."""
    problems = run_checks(settings.READINESS_CHECKS)
    failing = any(problems.values())
    return JsonResponse(
        {
            "status": "failing" if failing else "ok",
            "checks": {name: text or "ok" for name, text in problems.items()},
        },
        status=503 if failing else 200,
        headers=NO_STORE,
    )


def run_checks(names: Sequence[str]) -> dict[str, str | None]:
    """Run the checks with these dotted names; return the problem of each (None: it passed) under its short name."""
    return {_short(name): _run(name) for name in names}


def _short(name: str) -> str:
    module, _, function = name.rpartition(".")
    return module.rpartition(".")[2] if function == "check" else function


def _run(name: str) -> str | None:
    try:
        problem: str | None = import_string(name)()
    except Exception as error:  # the edge: one broken check must not hide what the others found
        logger.exception("The check %s could not be run.", name)
        return f"The check {name} could not be run: {type(error).__name__}."
    return problem


def database() -> str | None:
    """Say what is wrong with the database connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return None
