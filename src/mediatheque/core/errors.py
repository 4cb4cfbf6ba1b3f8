"""Refusals: what may not be done, as facts with a status and a stable code (API.md, *Errors*)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class FieldError:
    """One field's fault: where, what to do about it, and a stable code."""

    field: str
    message: str
    code: str = "invalid"


class Refusal(Exception):
    """A request that is answered with `status` and changes nothing."""

    status = 400
    code = "request.refused"
    title: "_StrPromise" = gettext_lazy("Refused")  # said in the language of whoever is refused

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        conflicts: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.detail = detail or str(self.title)
        super().__init__(self.detail)
        self.code = code or self.code
        self.errors = tuple(errors)
        self.conflicts = tuple(conflicts)
        self.headers = dict(headers or {})


class Malformed(Refusal):
    status, code, title = 400, "request.malformed", gettext_lazy("The request cannot be read.")


class NotSignedIn(Refusal):
    status, code, title = 401, "auth.required", gettext_lazy("Sign in first.")


class Forbidden(Refusal):
    status, code, title = 403, "permission.denied", gettext_lazy("You may not do this.")


class NotFound(Refusal):
    """Not there, or not yours: the same answer."""

    status, code, title = 404, "not_found", gettext_lazy("There is no such record.")

    @classmethod
    def at(cls, field: str) -> "NotFound":
        return cls(errors=[FieldError(field, _("There is no such record."), "not_found")])


class Conflict(Refusal):
    status, code, title = 409, "conflict", gettext_lazy("Something stands in the way.")


class TooLarge(Refusal):
    status, code, title = 413, "request.too_large", gettext_lazy("That is too large.")


class WrongKind(Refusal):
    status, code, title = 415, "file.wrong_kind", gettext_lazy("That kind of file cannot be used here.")


class RuleBroken(Refusal):
    status, code, title = 422, "rule.broken", gettext_lazy("That does not follow the rules.")

    @classmethod
    def at(cls, field: str, message: str, code: str = "invalid") -> "RuleBroken":
        return cls(message, code=code, errors=[FieldError(field, message, code)])


class TooMany(Refusal):
    status, code, title = 429, "rate.limited", gettext_lazy("Too many attempts.")

    def __init__(self, seconds: int, detail: str = "") -> None:
        super().__init__(
            detail or _("Too many attempts. Try again in %(seconds)s seconds.") % {"seconds": seconds},
            headers={"Retry-After": str(max(1, seconds))},
        )


class Busy(Refusal):
    """Two requests changed the same things at once, and this one was given up."""

    status, code, title = (
        503,
        "server.busy",
        gettext_lazy("Something else changed the same just now: try again."),
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


BY_STATUS: dict[int, type[Refusal]] = {
    each.status: each
    for each in (Malformed, NotSignedIn, Forbidden, NotFound, Conflict, TooLarge, WrongKind, RuleBroken)
}


@contextmanager
def translating(errors: Mapping[str, Refusal], *, savepoint: bool = True) -> Iterator[None]:
    """Turns what the database refuses into what we say. Keys are constraint names or `MT` messages.

    A `gate` function refuses with SQLSTATE `MT` + status and a code as its message: it needs no entry
    here unless the sentence shall be kinder. A row-security refusal is NotFound. Anything else is a defect
    and stays what it is. DETAIL is never passed on: it can show foreign values. Without a `savepoint` nothing
    can be asked after a refusal: for hot writes whose refusal ends the request.
    """
    try:
        with transaction.atomic() if savepoint else nullcontext():
            yield
    except DatabaseError as error:
        refusal = _refusal_of(error, errors)
        if refusal is None:
            raise
        raise refusal from error


def _refusal_of(error: DatabaseError, errors: Mapping[str, Refusal]) -> Refusal | None:
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    diagnosis = getattr(cause, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    message = getattr(diagnosis, "message_primary", "") or ""
    if constraint is not None and constraint in errors:
        return errors[constraint]
    if state.startswith("MT"):
        if message in errors:
            return errors[message]
        kind = BY_STATUS.get(int(state[2:]), Refusal)
        return kind(code=message)
    if state == "42501" and "row-level security" in message:
        return NotFound()
    return None
