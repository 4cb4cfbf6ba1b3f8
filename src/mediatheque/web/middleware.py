"""The scope of each request, the headers of each answer, and what is kept of failures."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from mediatheque.audit import activity
from mediatheque.audit.activity import shown_path
from mediatheque.core import db, metrics
from mediatheque.core.api import Request
from mediatheque.core.collisions import is_collision
from mediatheque.core.errors import (
    Busy,
    Conflict,
    FieldError,
    Forbidden,
    Malformed,
    NotFound,
    NotSignedIn,
    Refusal,
    RuleBroken,
)
from mediatheque.core.ids import new_id

from .entering import SAFE, admit, asking, language, wanted_space
from .errors import MethodNotAllowed, answer_refusal, wants_json

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# These find out for themselves who asks, or need nobody: they open their own transaction.
WITHOUT_SCOPE = ("/static/", "/api/health", "/api/ready", "/covers/")
OWN_TRANSACTION = (
    "/api/auth/login", "/api/auth/register", "/api/auth/token", "/api/auth/token/refresh",
    "/api/auth/token/revoke", "/sign-in", "/register",
)  # fmt: skip
SECRET_FIELDS = ("token", "secret", "access_token", "refresh_token", "url")
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
log = structlog.get_logger("request")


class Answers:
    """Outermost: a request id, security headers, one line of log and one of metrics for each answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        begin(request)
        head_of_api = request.method == "HEAD" and request.path.startswith("/api/")
        if head_of_api:  # ninja knows GET alone; the server leaves the body out
            request.method = "GET"
        response = self.get_response(request)
        if head_of_api:
            request.method = "HEAD"
        return finish(request, response)


def begin(request: Request) -> None:
    """The request gets its id and its time begins."""
    request.started = time.perf_counter()
    request.request_id = f"req_{new_id().hex}"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request.request_id)


def finish(request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """The answer gets its headers, and is told of."""
    response["X-Request-Id"] = request.request_id
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings.PRODUCTION and request.is_secure():
        response["Strict-Transport-Security"] = "max-age=31536000"
    if not request.path.startswith(("/static/", "/covers/")) or response.status_code >= 400:
        response.headers.setdefault("Cache-Control", "no-store")
    seconds = time.perf_counter() - request.started
    metrics.answered(request.method or "", response.status_code, seconds)
    log.info(
        "answered",
        method=request.method,
        path=shown_path(request.path),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    return response


class Language:
    """The person's language is known only inside the scope; until then the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
            return response


class ScopeOfRequest:
    """Finds who asks, opens their scope round the view, and rolls everything back when it is refused."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.csrf = CsrfViewMiddleware(lambda _: HttpResponse())

    def __call__(self, request: Request) -> HttpResponseBase:
        request.scope = None  # type: ignore[assignment]  # nobody, until the scope is open
        if request.path.startswith(WITHOUT_SCOPE):
            return _told(request, self.get_response(request))
        self.csrf.process_request(request)
        try:
            _storable_query(request)
            response = self._inside(request)
        except Refusal as refusal:
            response = answer_refusal(request, refusal)
        except OperationalError as error:  # at the commit
            if not is_collision(error):
                raise
            response = answer_refusal(request, Busy())
        response = _told(request, response)
        self._record(request, response)
        # A form that was rendered, or a sign-in that rotated the token, hands out its cookie here.
        return self.csrf.process_response(request, response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page's refusal becomes its answer; the scope sees the status and rolls back."""
        if isinstance(exception, NotSignedIn) and request.method in SAFE and not wants_json(request):
            return redirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")
        if isinstance(exception, Refusal):
            return answer_refusal(request, exception)
        if is_collision(exception):
            log.warning("collided", path=shown_path(request.path))
            return answer_refusal(request, Busy())
        log.exception("failed", path=shown_path(request.path))
        return None

    def _inside(self, request: Request) -> HttpResponseBase:
        if request.path.rstrip("/") in OWN_TRANSACTION:
            self._check_token(request, from_cookie=settings.SESSION_COOKIE_NAME in request.COOKIES)
            return self.get_response(request)
        try:
            return self._in_scope(request)
        except (OperationalError, InterfaceError) as error:
            if getattr(request, "entered", False):
                raise
            connection.close()  # the server went away between two requests: one new try
            log.warning("database.reconnect", error=type(error).__name__)
            return self._in_scope(request)

    def _in_scope(self, request: Request) -> HttpResponseBase:
        with transaction.atomic(durable=True):
            self._enter(request)
            request.entered = True  # type: ignore[attr-defined]
            response = self._answer_once(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response

    def _enter(self, request: Request) -> None:
        wanted = wanted_space(request)
        found = asking(request, wanted)
        if found is None or found.via == "cookie":
            self._check_token(request, from_cookie=found is not None)
        if found is None:
            db.execute("select set_config('app.request_id', %s, true)", [request.request_id])
            return
        admit(request, found, wanted)
        translation.activate(language(request))

    def _check_token(self, request: HttpRequest, *, from_cookie: bool) -> None:
        """CSRF: whatever a browser sends by itself (a cookie, a form) must carry the token."""
        if request.method in SAFE:
            return
        if _from_elsewhere(request):
            raise Forbidden(_("This request comes from another site."), code="csrf.failed")
        if not from_cookie and request.path.startswith("/api/"):
            return
        if self.csrf.process_view(request, _checked, (), {}) is not None:
            raise Forbidden(
                _("The page is out of date: reload it and try again. Programs send X-CSRFToken."),
                code="csrf.failed",
            )

    def _answer_once(self, request: Request) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if (
            not key
            or request.method != "POST"
            or request.scope is None
            or not request.path.startswith("/api/")
        ):
            return self.get_response(request)
        return _once(request, key, self.get_response)

    def _record(self, request: Request, response: HttpResponseBase) -> None:
        """Request outcomes go to the activity log by AUDIT_LOG_MODE, after the scope has closed (L2)."""
        mode = settings.AUDIT_LOG_MODE
        failed = response.status_code >= 400
        wanted = (
            mode == "all"
            or (mode == "mutations" and (failed or request.method not in SAFE))
            or (mode == "failures" and failed)
        )
        if wanted:
            activity.record_outcome(request, response)


def _told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A wrong method, which Django and ninja refuse without a word, in the form that programs read."""
    if response.status_code != 405 or not wants_json(request):
        return response
    return answer_refusal(request, MethodNotAllowed(headers={"Allow": response.get("Allow", "")}))


def _storable_query(request: HttpRequest) -> None:
    for name, values in request.GET.lists():
        if any("\x00" in text or any("\ud800" <= c <= "\udfff" for c in text) for text in (name, *values)):
            message = _("Remove the character that cannot be stored.")
            raise Malformed(
                message, errors=[FieldError(name.replace("\x00", ""), message, "unstorable_text")]
            )
    if "\x00" in request.path:
        raise NotFound()


def _from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that another site sent this, or sends a body that only a foreign form makes.

    It guards what needs no cookie: signing someone in, or registering them, behind their back.
    """
    origin = request.headers.get("Origin")
    host = f"{request.scheme}://{request.get_host()}"
    return (
        request.headers.get("Sec-Fetch-Site") == "cross-site"
        or (origin is not None and origin != host)
        or (request.path.startswith("/api/") and request.content_type == "text/plain" and bool(request.body))
    )


def _checked(request: HttpRequest) -> HttpResponse:
    """The view that the CSRF check thinks it guards."""
    return HttpResponse()


def _once(request: Request, key: str, get_response: GetResponse) -> HttpResponseBase:
    """The first request with this key does it; a repeated one gets its answer (one-time secrets left out)."""
    if len(key) > 255 or "\x00" in key:
        raise Malformed(_("An Idempotency-Key has at most 255 characters."), code="idempotency.key")
    who = request.scope
    space_id = who.active_space.id if who.active_space else UUID(int=0)
    identity = [who.user_id, space_id, request.path[:200], key]
    body_hash = _body_hash(request)
    inserted = db.value(
        "insert into kept_answers (id, user_id, space_id, route, key, body_hash) "
        "values (%s, %s, %s, %s, %s, %s) on conflict do nothing returning id",
        [new_id(), *identity, body_hash],
    )
    if inserted is None:
        return _kept_answer(identity, body_hash)
    response = get_response(request)
    if response.status_code < 400 and isinstance(response, HttpResponse):
        answer = _without_secrets(json.loads(response.content or b"null"))
        db.execute(
            "update kept_answers set status = %s, answer = %s where id = %s",
            [response.status_code, json.dumps(answer), inserted],
        )
    return response


def _body_hash(request: HttpRequest) -> str:
    """What makes two bodies the same: the bytes, or (the boundary changes) the fields and files."""
    if not (request.content_type or "").startswith("multipart/"):
        return hashlib.sha256(request.body).hexdigest()
    hasher = hashlib.sha256(json.dumps(sorted(request.POST.lists())).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            hasher.update(f"\x00{name}\x00{file.name}\x00".encode())
            for piece in file.chunks():
                hasher.update(piece)
            file.seek(0)
    return hasher.hexdigest()


def _kept_answer(identity: list[Any], body_hash: str) -> HttpResponse:
    kept = db.row(
        "select body_hash, status, answer::text as answer from kept_answers "
        "where user_id = %s and space_id = %s and route = %s and key = %s",
        identity,
    )
    if kept is None or kept["status"] is None:
        raise Conflict(_("The first request with this key is still running."), code="idempotency.running")
    if kept["body_hash"] != body_hash:
        message = _("This Idempotency-Key was used with another body: choose a new key.")
        raise RuleBroken.at("Idempotency-Key", message, "idempotency.other_body")
    return HttpResponse(kept["answer"], status=kept["status"], content_type="application/json")


def _without_secrets(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _without_secrets(v) for name, v in answer.items() if name not in SECRET_FIELDS}
    return answer
