"""From rows to the shapes of API.md: plain dicts, quick to make and to encode."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse

from mediatheque.core.ids import PREFIXES, show_id

from .queries import LISTED

encode = msgspec.json.Encoder().encode
decode = msgspec.json.decode
Row = Mapping[str, Any]


def media(row: Row) -> dict[str, Any]:
    """A media item as lists show it. `row` has the columns of `queries.LISTED`."""
    return listed([row[name] for name in LISTED])


def listed(values: Sequence[Any]) -> dict[str, Any]:
    """The same from values in the order of `queries.LISTED`; what comes after them is passed by."""
    (
        key, library, work, kind, title, original_title, sort_title, year, release_date, overview, runtime,
        genres, tags, people, certification, rating, network, trailer_url, poster, backdrop, format_, ownership,
        location, notes, details, signature, worth, external_ids, provider, external_id, import_source,
        added_by, added_at, created_at, updated_at, own_status, own_rating, own_listed, adder, *_
    ) = values  # fmt: skip
    identity = show_id("media", key)
    return {
        "id": identity,
        "library": show_id("library", library),
        "work": show_id("work", work),
        "media_type": kind,
        "title": title,
        "original_title": original_title,
        "sort_title": sort_title,
        "year": year,
        "release_date": release_date,
        "overview": overview,
        "runtime": runtime,
        "genres": genres,
        "people": raw(people),
        "certification": certification,
        "rating": None if rating is None else rating / 10,
        "network": network,
        "trailer_url": trailer_url,
        "poster": picture(identity, poster, "cover"),
        "backdrop": picture(identity, backdrop, "backdrop", (640, 1600)),
        "format": format_,
        "ownership": ownership,
        "location": location,
        "notes": notes,
        "details": raw(details),
        "signed": signed(signature),
        "value": value(worth),
        "external_ids": raw(external_ids),
        "source": {"provider": provider, "external_id": external_id, "import": import_source},
        "tags": tags,
        "own": own(own_status, own_rating, own_listed),
        "added_by": person(added_by, adder),
        "added_at": added_at,
        "created_at": created_at,
        "updated_at": updated_at,
    }


def whole(row: Row) -> dict[str, Any]:
    """A media item as single answers show it. `row` comes from `queries.whole`."""
    return media(row) | {
        "series": show_id("media", row["series_id"]) if row["series_id"] else None,
        "variants": [variant(each) for each in parts(row["variants"])],
        "seasons": [season(each) for each in parts(row["seasons"])],
        "metadata": raw(row["metadata"]),
    }


def parts(text: str) -> list[dict[str, Any]]:
    """Rows that the database gave as JSON."""
    return [each | {"id": UUID(each["id"])} for each in decode(text)]


def raw(text: str) -> msgspec.Raw:
    """JSON that the database holds, handed through as it is."""
    return msgspec.Raw(text.encode())


def own(status: str | None, rating: int | None, on_watchlist: bool | None) -> dict[str, Any] | None:
    """The asking person's own entry of the item's work."""
    if status is None:
        return None
    return {"status": status, "rating": rating, "on_watchlist": on_watchlist}


def person(user_id: UUID | None, name: str | None) -> dict[str, str] | None:
    return {"id": show_id("user", user_id), "name": name or ""} if user_id and name is not None else None


def picture(
    media: str, stored: str | None, path: str, widths: tuple[int, int] = (200, 800)
) -> dict[str, Any] | None:
    """Where a stored picture of the item with this TypeID is served, small and large; the address changes with it."""
    if stored is None:
        return None
    found = decode(stored)
    small, large = widths
    address = f"/api/media/{media}/{path}?v={version_of(found, large)}"
    return {
        "url": f"{address}&size={large}",
        "thumbnail_url": f"{address}&size={small}",
        "placeholder": found.get("placeholder"),
    }


def version_of(stored: Mapping[str, Any], width: int = 800) -> str:
    return str(stored["sizes"][str(width)])[:16]


def signed(text: str | None) -> dict[str, Any] | None:
    return _complete(text, ("by", "role", "on", "at", "proof"))


def value(text: str | None) -> dict[str, Any] | None:
    return _complete(text, ("low", "mid", "high", "currency", "source", "date"))


def _complete(text: str | None, names: tuple[str, ...]) -> dict[str, Any] | None:
    if text is None:
        return None
    found = decode(text)
    return {name: found.get(name) for name in names}


def variant(row: Row) -> dict[str, Any]:
    return {
        "id": show_id("variant", row["id"]),
        "format": row["format"],
        "edition": row["edition"],
        "resolution": row["resolution"],
        "barcode": row["barcode"],
        "path": row["path"],
        "location": row["location"],
        "condition": row["condition"],
        "purchased_on": row["purchased_on"],
        "price": None if row["price"] is None else float(row["price"]),
        "currency": row["currency"],
        "loan": decode(row["loan"]) if isinstance(row["loan"], str) else row["loan"],
    }


def loan(row: Row) -> dict[str, Any]:
    """A loan, open or earlier."""
    names = ("since", "due", "back")
    return {
        "id": show_id("loan", row["id"]),
        "variant": show_id("variant", row["variant_id"]),
        "to": row["borrower"],
    } | {name: row[name] for name in names}


def season(row: Row) -> dict[str, Any]:
    names = ("number", "title", "expected_episodes", "available_episodes", "is_complete")
    return {"id": show_id("season", row["id"])} | {name: row[name] for name in names}


def work(row: Row) -> dict[str, Any]:
    known = row["provider"] is not None
    found = {"provider": row["provider"], "kind": row["provider_kind"], "id": row["provider_id"]}
    return {
        "id": show_id("work", row["id"]),
        "media_type": row["kind"],
        "title": row["title"],
        "original_title": row["original_title"],
        "year": row["year"],
        "texts": raw(row["texts"]),
        "external_ids": [found] if known else [],
    }


def saved_view(row: Row) -> dict[str, Any]:
    return {
        "id": show_id("view", row["id"]),
        "name": row["name"],
        "library": show_id("library", row["library_id"]) if row["library_id"] else None,
        "query": raw(row["query"]),
        "layout": row["layout"],
        "shared": row["shared"],
        "owner": person(row["user_id"], row["user_name"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def tag(row: Row) -> dict[str, Any]:
    return {
        "id": show_id("tag", row["id"]),
        "name": row["name"],
        "parent": show_id("tag", row["parent_id"]) if row["parent_id"] else None,
        "global": row["space_id"] is None,
        "metadata": raw(row["metadata"]),
        "media": row["media"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def change(row: Row, entity: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """One change of an item or of what hangs on it."""
    typed = entity in PREFIXES
    return {
        "id": show_id("audit", row["id"]),
        "at": row["at"],
        "action": row["action"],
        "entity": entity,
        "entity_id": show_id(entity, row["row_id"]) if typed else None,
        "actor": person(row["actor_id"], row["actor_name"]),
        "changes": changes,
    }


def json_answer(data: Any, status: int = 200) -> HttpResponse:
    """The data as JSON, encoded at once: ninja's own way costs several times as much."""
    return HttpResponse(encode(data), status=status, content_type="application/json")
