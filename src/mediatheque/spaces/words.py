"""Roles, kinds and templates as people read them."""

from django.utils.translation import gettext as _


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


def initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper() or "?"
