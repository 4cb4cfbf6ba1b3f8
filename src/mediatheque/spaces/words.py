"""Roles, kinds and templates as people read them."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def role_words() -> list[tuple[str, str]]:
    return [("member", _("member")), ("manager", _("manager")), ("admin", _("admin"))]


def role_word(role: str) -> str:
    return dict(role_words()).get(role, role)


def kind_words() -> list[tuple[str, str]]:
    return [
        ("household", _("Household")),
        ("studio", _("Studio")),
        ("client", _("Client")),
        ("platform", _("Platform")),
    ]


def kind_word(kind: str) -> str:
    return dict(kind_words())[kind]


def status_word(status: str) -> str:
    words = {
        "pending": _("open"),
        "accepted": _("accepted"),
        "declined": _("declined"),
        "revoked": _("revoked"),
        "expired": _("expired"),
    }
    return words[status]


def template_words() -> list[tuple[str, str]]:
    return [
        ("", _("A bit of everything")),
        ("films", _("Films")),
        ("series", _("Series")),
        ("books", _("Books")),
        ("music", _("Music")),
        ("games", _("Games")),
        ("comics", _("Comics")),
    ]


def type_words() -> list[tuple[str, str]]:
    return [
        ("movie", _("Films")),
        ("tv_series", _("Series")),
        ("tv_episode", _("Episodes")),
        ("book", _("Books")),
        ("comic", _("Comics")),
        ("music", _("Music")),
        ("game", _("Games")),
        ("other", _("Other things")),
    ]


def column_words() -> list[tuple[str, str]]:
    return [
        ("people", _("By")),
        ("year", _("Year")),
        ("type", _("Kind")),
        ("format", _("Format")),
        ("location", _("Place")),
        ("date_added", _("Added")),
        ("rating", _("Rating")),
    ]


def change_words(action: str, table: str) -> str:
    """What somebody did to a row of the trail: `added the title`."""
    what = _TABLES.get(table) or table.replace("_", " ")
    said = {
        "insert": _("added %(what)s"),
        "update": _("changed %(what)s"),
        "delete": _("deleted %(what)s"),
    }
    return said[action] % {"what": what}


def event_words(action: str) -> str:
    """An event's name in words; a name without words is shown as it is."""
    return str(_EVENTS.get(action) or action.replace(".", " ").replace("_", " "))


def field_word(field: str) -> str:
    """A column as people read it."""
    return str(FIELDS.get(field) or field.replace("_", " "))


def detail_words(details: Mapping[str, Any]) -> list[str]:
    """What an event tells beside its name, in words; ids say nothing to people and are left out."""
    found = []
    for name, value in details.items():
        if value in (None, "", [], {}) or _ID.fullmatch(str(value)):
            continue
        if name in _COUNTS:
            if value:
                found.append(
                    f"{_COUNTS[name]}: {value:,}" if isinstance(value, int) else f"{_COUNTS[name]}: {value}"
                )
        elif name == "provider":
            found.append(SOURCES.get(str(value), str(value)))
        else:
            found.append(f"{_DETAILS.get(name) or name.replace('_', ' ')}: {value_word(value)}")
    return found


def value_word(value: Any) -> str:
    """A value of the trail or the log as people read it."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_word(each) for each in value)
    if isinstance(value, dict):
        named = value.get("name") or value.get("title")
        return str(named) if named else ", ".join(value_word(each) for each in value.values())
    return role_word(str(value))


def is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper() or "?"


# Higher rooms say here what they call their sources and columns.
SOURCES: dict[str, str] = {}
FIELDS: dict[str, Any] = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "limited": gettext_lazy("Limited"),
    "role": gettext_lazy("Role"),
    "status": gettext_lazy("Status"),
    "email": gettext_lazy("E-mail"),
    "time_zone": gettext_lazy("Time zone"),
    "language": gettext_lazy("Language"),
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]{2,4}_[0-9a-z]{26}")
_COUNTS = {
    "done": gettext_lazy("titles"),
    "created": gettext_lazy("created"),
    "updated": gettext_lazy("updated"),
    "skipped": gettext_lazy("skipped"),
    "failed": gettext_lazy("failed"),
    "kept": gettext_lazy("kept because changed since"),
    "media": gettext_lazy("titles"),
    "ended": gettext_lazy("sessions"),
}
_DETAILS = {
    "role": gettext_lazy("role"),
    "before": gettext_lazy("before"),
    "after": gettext_lazy("now"),
    "limited": gettext_lazy("for chosen members only"),
    "name": gettext_lazy("name"),
    "error": gettext_lazy("reason"),
}
_TABLES = {
    "media": gettext_lazy("the title"),
    "variants": gettext_lazy("a copy"),
    "loans": gettext_lazy("a loan"),
    "seasons": gettext_lazy("a season"),
    "media_metadata": gettext_lazy("a key"),
    "works": gettext_lazy("the work"),
    "entries": gettext_lazy("an entry"),
    "origins": gettext_lazy("an origin"),
    "file_references": gettext_lazy("a file"),
    "libraries": gettext_lazy("the library"),
    "library_members": gettext_lazy("who may see a library"),
    "memberships": gettext_lazy("a membership"),
    "invitations": gettext_lazy("an invitation"),
    "spaces": gettext_lazy("the space"),
}
_EVENTS = {
    "loan.overdue": gettext_lazy("has not brought back a copy in time"),
    "media.bulk_edited": gettext_lazy("changed many titles at once"),
    "media.bulk_moved": gettext_lazy("moved many titles at once"),
    "media.bulk_deleted": gettext_lazy("deleted many titles at once"),
    "register": gettext_lazy("registered"),
    "sign_in": gettext_lazy("signed in"),
    "sign_in.failed": gettext_lazy("failed to sign in"),
    "sign_out": gettext_lazy("signed out"),
    "session.revoked": gettext_lazy("ended sessions"),
    "password.reset": gettext_lazy("got a new password"),
    "profile.changed": gettext_lazy("changed the profile"),
    "person.deleted": gettext_lazy("deleted the account"),
    "token.created": gettext_lazy("made a token"),
    "token.revoked": gettext_lazy("revoked a token"),
    "token.reused": gettext_lazy("used a spent token"),
    "invite.created": gettext_lazy("made an invitation"),
    "invite.claimed": gettext_lazy("claimed an invitation"),
    "invite.declined": gettext_lazy("declined an invitation"),
    "invite.revoked": gettext_lazy("revoked an invitation"),
    "invite.resent": gettext_lazy("sent an invitation anew"),
    "user.role_changed": gettext_lazy("changed someone’s role in the install"),
    "user.banned": gettext_lazy("banned someone"),
    "user.unbanned": gettext_lazy("lifted a ban"),
    "import.started": gettext_lazy("started an import"),
    "import.planned": gettext_lazy("planned an import"),
    "import.applied": gettext_lazy("applied a planned import"),
    "import.succeeded": gettext_lazy("finished an import"),
    "import.undone": gettext_lazy("took an import back"),
    "import.failed": gettext_lazy("had an import fail"),
    "import.cancelled": gettext_lazy("cancelled an import"),
    "member.kept": gettext_lazy("added someone without an account"),
    "member.role_changed": gettext_lazy("changed a role"),
    "member.removed": gettext_lazy("removed a member"),
    "member.suspended": gettext_lazy("suspended a member"),
    "member.lifted": gettext_lazy("lifted a suspension"),
    "member.left": gettext_lazy("left"),
    "space.created": gettext_lazy("made the space"),
    "space.changed": gettext_lazy("changed the space’s settings"),
    "space.archived": gettext_lazy("archived the space"),
    "space.restored": gettext_lazy("restored the space"),
    "space.deleted": gettext_lazy("deleted the space"),
    "library.created": gettext_lazy("made a library"),
    "library.changed": gettext_lazy("changed a library"),
    "library.limited": gettext_lazy("chose whom a library admits"),
    "library.archived": gettext_lazy("archived a library"),
    "library.restored": gettext_lazy("restored a library"),
    "library.deleted": gettext_lazy("deleted a library"),
    "library.transferred": gettext_lazy("moved a library to another space"),
    "request.failed": gettext_lazy("was refused"),
    "request.done": gettext_lazy("asked"),
}
