"""From rows to the shapes of API.md: plain dicts, quick to make and to encode."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpResponse

from mediatheque.core.ids import PREFIXES, show_id

encode = msgspec.json.Encoder().encode
decode = msgspec.json.decode
Row = Mapping[str, Any]


def media(row: Row) -> dict[str, Any]:
    """A media item as lists show it. `row` has the columns of `queries.ITEM`."""
    identity = show_id("media", row["id"])
    return {
        "id": identity,
        "library": show_id("library", row["library_id"]),
        "work": show_id("work", row["work_id"]),
        "media_type": row["media_type"],
        "title": row["title"],
        "original_title": row["original_title"],
        "sort_title": row["sort_title"],
        "year": row["year"],
        "release_date": row["release_date"],
        "overview": row["overview"],
        "runtime": row["runtime"],
        "genres": row["genres"],
        "people": raw(row["people"]),
        "certification": row["certification"],
        "rating": None if row["rating"] is None else row["rating"] / 10,
        "network": row["network"],
        "trailer_url": row["trailer_url"],
        "poster": picture(identity, row["poster"], "cover"),
        "backdrop": picture(identity, row["backdrop"], "backdrop"),
        "format": row["format"],
        "ownership": row["ownership"],
        "location": row["location"],
        "notes": row["notes"],
        "details": raw(row["details"]),
        "signed": signed(row["signed"]),
        "value": value(row["value"]),
        "external_ids": raw(row["external_ids"]),
        "source": {
            "provider": row["source_provider"],
            "external_id": row["source_external_id"],
            "import": row["import_source"],
        },
        "tags": [],
        "own": own(row),
        "added_by": person(row["added_by"], row["added_by_name"]),
        "added_at": row["added_at"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
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


def own(row: Row) -> dict[str, Any] | None:
    """The asking person's own entry of the item's work."""
    if row["own_status"] is None:
        return None
    return {
        "status": row["own_status"],
        "rating": row["own_rating"],
        "on_watchlist": row["own_on_watchlist"],
    }


def person(user_id: UUID | None, name: str | None) -> dict[str, str] | None:
    return {"id": show_id("user", user_id), "name": name or ""} if user_id and name is not None else None


def picture(media: str, stored: str | None, path: str) -> dict[str, Any] | None:
    """Where a stored picture of the item with this TypeID is served; the address changes with its content."""
    if stored is None:
        return None
    found = decode(stored)
    address = f"/api/media/{media}/{path}?v={version_of(found)}"
    return {
        "url": f"{address}&size=800",
        "thumbnail_url": f"{address}&size=200",
        "placeholder": found.get("placeholder"),
    }


def version_of(stored: Mapping[str, Any]) -> str:
    return str(stored["sizes"]["800"])[:16]


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
