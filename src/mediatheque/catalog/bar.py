"""The bar above a list: tabs, panels of filters, chips, orders. The address holds the whole state (C3)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from .cards import OWNERSHIPS
from .rules import FORMATS
from .schemas import Resolution

State = Mapping[str, Sequence[str]]
Choices = Sequence[tuple[str, Any]]

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
    ("rating", gettext_lazy("Rating")),
    ("user_rating", gettext_lazy("Your rating")),
    ("format", gettext_lazy("Format")),
)
# What can be ticked, with all its values where they are known beforehand.
TICKED: dict[str, Choices] = {
    "genre": (),
    "tag": (),
    "format": tuple((each, each) for each in FORMATS),
    "ownership": tuple(OWNERSHIPS.items()),
    "availability": (("on_shelf", gettext_lazy("On the shelf")), ("lent", gettext_lazy("Lent out"))),
    "resolution": tuple((each, each) for each in get_args(Resolution)),
}
TYPED = (
    "director", "cast", "year_min", "year_max", "rating_min", "rating_max", "user_rating_min", "user_rating_max",
)  # fmt: skip
FILTERS = ("q", *TICKED, *TYPED, "added_by", "library")
CARRIED = ("media_type", "view", "added_by", "pick", "dir")
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
    path: str,
    query: QueryDict,
    sort: str,
    direction: str,
    columns: Sequence[str] = (),
    places: Choices = (),
) -> dict[str, Any]:
    """What the list's template needs to offer further steps from this address; `columns` are those a library's
    table shows beside the title, none meaning all; `places` the libraries that can be chosen."""
    state = tuple((name, tuple(values)) for name, values in state_of(query).items())
    return _context(path, state, sort, direction, tuple(columns), tuple(places), get_language())


@lru_cache(512)
def _context(
    path: str,
    given: tuple[tuple[str, tuple[str, ...]], ...],
    sort: str,
    direction: str,
    columns: tuple[str, ...],
    places: Choices,
    _language: str | None,
) -> dict[str, Any]:
    """The same for every part of a list: made once."""
    state: State = dict(given)
    chosen = sorted(
        (each for each in COLUMNS if not columns or each[0] in ("title", *columns)),
        key=lambda each: columns.index(each[0]) + 1 if each[0] in columns else 0,
    )
    view = "table" if state.get("view") == ("table",) else "grid"
    return {
        "path": path,
        "tabs": _tabs(path, state),
        "active": _active(path, state, dict(places)),
        "options": {name: _options(name, state) for name in TICKED}
        | {"library": _options("library", state, known=places) if len(places) > 1 else []},
        "fields": {name: state.get(name, ("",))[-1] for name in TYPED},
        "hidden": [(name, each) for name in CARRIED for each in state.get(name, [])],
        "sorts": [("relevance", _("Best match")), *((value, str(label)) for value, label in SORTS)],
        "sorted": "sort" in state,
        "sort": sort,
        "direction": direction,
        "direction_url": _to(path, state, dir=["asc" if direction == "desc" else "desc"], sort=[sort]),
        "q": state.get("q", ("",))[-1],
        "view": view,
        "grid_url": _to(path, state, view=None),
        "table_url": _to(path, state, view=["table"]),
        "pick_url": _to(path, state, pick=["yes"]),
        "clear_url": _to(path, {}, view=["table"] if view == "table" else None),
        "state_query": urlencode(state, doseq=True),
        "columns": [_column(path, state, sort, direction, *each) for each in chosen],
    }


def counted(path: str, query: QueryDict, facets: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The same choices with how many titles each would leave; `facets` as `facets.facets` gives them."""
    state = state_of(query)
    counts = {each["value"]: each["count"] for each in facets["media_type"]}
    return {
        "options": {name: _options(name, state, facets[name]) for name in TICKED if name in facets},
        "decades": [_decade(path, state, each) for each in facets["decade"] if each["value"] is not None],
        "tabs": [
            {"key": str(at), "count": shown_number(sum(counts.get(kind, 0) for kind in types or counts))}
            for at, (_label, types) in enumerate(TABS)
        ],
    }


def state_of(query: QueryDict) -> State:
    """What the address says of the list, without the place in it."""
    return {name: values for name, values in query.lists() if name not in CURSOR and any(values)}


def shown_number(count: int) -> str:
    """With the thousands set apart as the reader's language does it."""
    return number_format(count, use_l10n=True, force_grouping=True)


def next_url(path: str, query: QueryDict, cursor: str | None) -> str | None:
    """The address of what comes after."""
    if cursor is None:
        return None
    return _to(path, state_of(query), cursor=[cursor])


def _tabs(path: str, state: State) -> list[dict[str, Any]]:
    chosen = sorted(state.get("media_type", []))
    return [
        {
            "key": str(at),
            "label": str(label),
            "url": _to(path, state, media_type=list(types) or None),
            "on": chosen == sorted(types),
        }
        for at, (label, types) in enumerate(TABS)
    ]


def _options(
    name: str,
    state: State,
    facet: Sequence[Mapping[str, Any]] | None = None,
    known: Choices | None = None,
) -> list[dict[str, Any]]:
    """What can be ticked: the values there are with their counts, else all that are known; the chosen first."""
    chosen = [each for each in state.get(name, []) if each]
    labels = dict(TICKED[name] if known is None else known)
    counts = None if facet is None else {each["value"]: each["count"] for each in facet if each["value"]}
    values = list(dict.fromkeys((*chosen, *(labels if counts is None else counts))))
    return [
        {
            "value": value,
            "label": str(labels.get(value, value)),
            "on": value in chosen,
            "count": None if counts is None else shown_number(counts.get(value, 0)),
        }
        for value in values
    ]


def _decade(path: str, state: State, facet: Mapping[str, Any]) -> dict[str, Any]:
    first = facet["value"]
    years = {"year_min": [str(first)], "year_max": [str(first + 9)]}
    on = all(list(state.get(name, [])) == value for name, value in years.items())
    wanted: dict[str, list[str] | None] = dict.fromkeys(years) if on else {**years}
    label = _("%(year)ss") % {"year": first}
    return {
        "label": label,
        "url": _to(path, state, **wanted),
        "on": on,
        "count": shown_number(facet["count"]),
    }


def _active(path: str, state: State, places: Mapping[str, str]) -> list[dict[str, str]]:
    labels: dict[str, Any] = {
        "year_min": _("from %(value)s"),
        "year_max": _("to %(value)s"),
        "rating_min": _("rated %(value)s or more"),
        "rating_max": _("rated %(value)s or less"),
        "user_rating_min": _("yours %(value)s or more"),
        "user_rating_max": _("yours %(value)s or less"),
        "q": _("“%(value)s”"),
        "added_by": _("added by one person"),
    }
    found = []
    for name in FILTERS:
        for value in state.get(name, []):
            shown = str((places if name == "library" else dict(TICKED.get(name, ()))).get(value, value))
            left = [each for each in state[name] if each != value]
            label = labels[name] % {"value": shown} if name in labels else shown
            found.append({"label": label, "remove_url": _to(path, state, **{name: left or None})})
    return found


def _column(
    path: str, state: State, sort: str, direction: str, key: str, label: Any, kind: str
) -> tuple[str, Any, str, str | None, str | None]:
    if key not in dict(SORTS):
        return key, str(label), kind, None, None
    on = key == sort
    turned = "desc" if on and direction == "asc" else "asc"
    order = ("descending" if direction == "desc" else "ascending") if on else None
    return key, str(label), kind, _to(path, state, sort=[key], dir=[turned]), order


def _to(path: str, state: State, **changed: list[str] | None) -> str:
    wanted = {name: values for name, values in {**state, **changed}.items() if values}
    return f"{path}?{urlencode(wanted, doseq=True)}" if wanted else path
