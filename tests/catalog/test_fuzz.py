"""Whatever is sent, the answer is never a failure of ours (PROOFS, *API*)."""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediatheque.catalog.models import MEDIA_TYPES
from mediatheque.catalog.part_schemas import SeasonIn, VariantPatch
from mediatheque.catalog.schemas import MediaIn, MediaQuery
from tests.catalog.making import make
from tests.support import Actor

# One database for all examples is wanted here; the fixture is not written to by name.
QUIET = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
KNOWN = ["movie", "tv_series", "book", "1999-02-28", "EUR", "tmdb", "actor", "-", "0"]
NAMES = ["name", "role", "character", "id", "kind", "provider", "low", "by", "on", "isbn", "tracks", "title",
         "seconds", "season", "pages", "status", "rating"]  # fmt: skip
TEXT = st.text(max_size=20) | st.sampled_from(KNOWN)
LEAF = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | TEXT
VALUE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)


def body_of(model: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(sorted(model.model_fields)), VALUE, max_size=5)


def send(actor: Actor, method: str, path: str, body: Any) -> None:
    text = json.dumps(body)  # keeps NaN, lone surrogates and NUL as a client may send them
    response = actor.client.generic(method, f"/api{path}", text, content_type="application/json")
    assert response.status_code < 500, (method, path, text, response.content[:500])


@QUIET
@given(
    fields=body_of(MediaIn),
    title=TEXT,
    media_type=st.sampled_from(MEDIA_TYPES),
)
def test_no_media_body_breaks_anything(
    alice: Actor, fields: dict[str, Any], title: str, media_type: str
) -> None:
    send(alice, "POST", "/media", fields)
    send(alice, "POST", "/media", {"title": title, "media_type": media_type} | fields)


@QUIET
@given(fields=body_of(MediaIn), variant=body_of(VariantPatch), season=body_of(SeasonIn), pairs=VALUE)
def test_no_change_breaks_anything(
    alice: Actor, fields: dict[str, Any], variant: dict[str, Any], season: dict[str, Any], pairs: Any
) -> None:
    path = f"/media/{make(alice, 'x', 'tv_series')['id']}"
    send(alice, "PATCH", path, {name: value for name, value in fields.items() if name != "library"})
    send(alice, "POST", f"{path}/variants", variant)
    send(alice, "POST", f"{path}/seasons", {"number": 1} | season)
    send(alice, "PATCH", f"{path}/metadata", pairs)


@QUIET
@given(
    query=st.dictionaries(st.sampled_from(sorted(MediaQuery.model_fields)), st.text(max_size=12), max_size=4)
)
def test_no_query_breaks_anything(alice: Actor, query: dict[str, str]) -> None:
    for address in (f"/api/media?{_encoded(query)}", f"/s/{alice.household.slug}/library?{_encoded(query)}"):
        response = alice.client.get(address)
        assert response.status_code < 500, (address, response.content[:500])


def _encoded(query: dict[str, str]) -> str:
    return urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in query.items()})
