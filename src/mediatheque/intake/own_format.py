"""The columns and names of our own export, for those who write it and those who read it again (I10). Pure."""

import json

DATA_NAME = "mediatheque.json"
IMAGES = "images"
JSON_CELLS = (
    "people", "details", "external_ids", "variants", "seasons", "metadata", "signed", "value", "source", "entry",
    "origins",
)  # fmt: skip
SCALARS = (
    "media_type", "title", "original_title", "sort_title", "year", "release_date", "format", "ownership", "rating",
    "runtime", "certification", "network", "trailer_url", "location", "notes", "overview", "added_at",
    "series_title",
)  # fmt: skip
ROLES = ("director", "writer", "author", "artist", "actor")
MEDIA_HEADER = (
    "mediatheque_id", "library", *SCALARS, "genres", "tags", "my_rating", "edition", "barcode", *ROLES, *JSON_CELLS,
)  # fmt: skip
ENTRY_CELLS = (
    "status", "rating", "notes", "visibility", "notes_visibility", "on_watchlist", "set_aside", "set_aside_reason",
    "last_watched_at", "added_at",
)  # fmt: skip
ENTRY_HEADER = ("mediatheque_entry_id", "title", "year", "media_type", *ENTRY_CELLS, "origins")


def listed(names: list[str]) -> str:
    """Several names in one cell; as JSON where a name would be parted."""
    plain = " | ".join(names)
    unsafe = any("|" in name or name.startswith("[") or name != " ".join(name.split()) for name in names)
    lone = len(names) == 1 and any(mark in names[0] for mark in ",;\n")
    return json.dumps(names, ensure_ascii=False) if unsafe or lone else plain
