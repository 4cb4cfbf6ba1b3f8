"""The bar above a list: tabs, menus, chips, orders. The address holds the whole state (C3)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .cards import OWNERSHIPS
from .rules import FORMATS

TABS = (
    (gettext_lazy("All"), ()),
    (gettext_lazy("Movies"), ("movie",)),
    (gettext_lazy("TV"), ("tv_series", "tv_episode")),
    (gettext_lazy("Books"), ("book", "comic")),
    (gettext_lazy("Music"), ("music",)),
    (gettext_lazy("Games"), ("game",)),
    (gettext_lazy("Other"), ("other",)),
)
SORTS = (
    ("title", gettext_lazy("Title")),
    ("year", gettext_lazy("Year")),
    ("date_added", gettext_lazy("Date added")),
)
TYPED = ("genre", "director", "cast", "year_min", "year_max")
IN_FORM = (*TYPED, "q", "sort")
FILTERS = ("q", "ownership", "format", "genre", "director", "cast", "year_min", "year_max", "added_by")
COLUMNS = (
    ("title", gettext_lazy("Title"), ""),
    ("people", gettext_lazy("By"), "p2"),
    ("year", gettext_lazy("Year"), "num p2"),
    ("type", gettext_lazy("Kind"), "p3"),
    ("format", gettext_lazy("Format"), "p2"),
    ("location", gettext_lazy("Place"), "p3"),
    ("date_added", gettext_lazy("Added"), "p3"),
    ("rating", gettext_lazy("Rating"), "num"),
)
CURSOR = ("cursor", "page", "total")


def context(
    path: str, query: QueryDict, sort: str, direction: str, columns: Sequence[str] = ()
) -> dict[str, Any]:
    """What the list's template needs to offer further steps from this address; `columns` are those a library's
    table shows beside the title, none meaning all."""
    chosen = sorted(
        (each for each in COLUMNS if not columns or each[0] in ("title", *columns)),
        key=lambda each: columns.index(each[0]) + 1 if each[0] in columns else 0,
    )
    state = {name: values for name, values in query.lists() if name not in CURSOR and any(values)}
    view = "table" if state.get("view") == ["table"] else "grid"
    return {
        "tabs": _tabs(path, state),
        "active": _active(path, state),
        "menus": _menus(path, state),
        "sorts": SORTS,
        "sort": sort,
        "direction_url": _to(path, state, dir=["asc" if direction == "desc" else "desc"], sort=[sort]),
        "q": query.get("q", ""),
        "fields": {name: query.get(name, "") for name in TYPED},
        "hidden": [(name, each) for name, values in state.items() if name not in IN_FORM for each in values],
        "view": view,
        "grid_url": _to(path, state, view=None),
        "table_url": _to(path, state, view=["table"]),
        "clear_url": _to(path, {}, view=["table"] if view == "table" else None),
        "columns": [_column(path, state, sort, direction, *each) for each in chosen],
    }


def next_url(path: str, query: QueryDict, cursor: str | None) -> str | None:
    """The address of what comes after."""
    if cursor is None:
        return None
    state = {name: values for name, values in query.lists() if name not in CURSOR}
    return _to(path, state, cursor=[cursor])


def _tabs(path: str, state: dict[str, list[str]]) -> list[dict[str, Any]]:
    chosen = sorted(state.get("media_type", []))
    return [
        {
            "label": label,
            "url": _to(path, state, media_type=list(types) or None),
            "on": chosen == sorted(types),
        }
        for label, types in TABS
    ]


def _menus(path: str, state: dict[str, list[str]]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (_("Ownership"), _menu(path, state, "ownership", list(OWNERSHIPS.items()))),
        (_("Format"), _menu(path, state, "format", [(each, each) for each in FORMATS])),
    ]


def _menu(
    path: str, state: dict[str, list[str]], name: str, choices: Sequence[tuple[str, Any]]
) -> list[dict[str, Any]]:
    chosen = state.get(name, [])
    found = [{"label": _("Any"), "url": _to(path, state, **{name: None}), "on": not chosen}]
    for value, label in choices:
        on = value in chosen
        wanted = [each for each in chosen if each != value] if on else [*chosen, value]
        found.append({"label": label, "url": _to(path, state, **{name: wanted or None}), "on": on})
    return found


def _active(path: str, state: dict[str, list[str]]) -> list[dict[str, str]]:
    labels: dict[str, Any] = {
        "year_min": _("from %(value)s"),
        "year_max": _("to %(value)s"),
        "q": _("“%(value)s”"),
        "added_by": _("added by one person"),
    }
    found = []
    for name in FILTERS:
        for value in state.get(name, []):
            shown = str(OWNERSHIPS.get(value, value)) if name == "ownership" else value
            left = [each for each in state[name] if each != value]
            label = labels[name] % {"value": shown} if name in labels else shown
            found.append({"label": label, "remove_url": _to(path, state, **{name: left or None})})
    return found


def _column(
    path: str, state: dict[str, list[str]], sort: str, direction: str, key: str, label: Any, kind: str
) -> tuple[str, Any, str, str | None, str | None]:
    if key not in dict(SORTS):
        return key, label, kind, None, None
    on = key == sort
    turned = "desc" if on and direction == "asc" else "asc"
    order = ("descending" if direction == "desc" else "ascending") if on else None
    return key, label, kind, _to(path, state, sort=[key], dir=[turned]), order


def _to(path: str, state: dict[str, list[str]], **changed: list[str] | None) -> str:
    wanted = {name: values for name, values in {**state, **changed}.items() if values}
    return f"{path}?{urlencode(wanted, doseq=True)}" if wanted else path
