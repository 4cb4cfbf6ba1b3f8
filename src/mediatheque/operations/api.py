"""Whether the install stands: health, readiness, metrics (L7)."""

import hmac
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from ninja import Router
from prometheus_client import generate_latest

from mediatheque.core.errors import Forbidden, NotSignedIn, Refusal
from mediatheque.core.metrics import registry
from mediatheque.core.scope import Scope

router = Router(tags=["operations"])


class NotReady(Refusal):
    status, code, title = 503, "database.down", gettext_lazy("The database does not answer.")


@router.get("/health", auth=None)
def health(request: HttpRequest) -> dict[str, Any]:
    """This process answers: its version, commit and build date."""
    return {"status": "ok", **settings.VERSION}


@router.get("/ready", auth=None)
def ready(request: HttpRequest) -> dict[str, Any]:
    """The database answers as well; 503 says it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        connection.close()
        raise NotReady("The database does not answer: look at its log, then try again.") from None
    return {"status": "ready"}


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for the holder of METRICS_TOKEN or an install administrator."""
    _require_reader(request)
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _require_reader(request: HttpRequest) -> None:
    scope: Scope | None = getattr(request, "scope", None)
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if token and sent and hmac.compare_digest(sent.encode(), token.encode()):
        return
    if scope is None:
        raise NotSignedIn()
    if scope.user.role != "admin":
        raise Forbidden("Only administrators of the install may read the metrics.")
