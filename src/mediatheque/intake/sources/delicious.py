"""Delicious Library's exports: the XML of version 1, the property list of 2 and 3 (I2)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element

from mediatheque.intake.reading import Row
from mediatheque.intake.records import ExternalId, Origin, Own, Record
from mediatheque.intake.sources.columns import begin, prepare_known
from mediatheque.intake.sources.fields import finish
from mediatheque.intake.sources.markup import begins, elements
from mediatheque.intake.sources.options import Options
from mediatheque.intake.sources.sheets import Items

name = "delicious"
label = "Delicious Library"

_MARK = "delicious id"
_KINDS = {
    "movie": "movie", "book": "book", "game": "game", "videogame": "game", "music": "music", "album": "music",
    "tvseries": "tv_series", "software": "other", "gadget": "other", "toy": "other", "tool": "other",
    "apparel": "other",
}  # fmt: skip
_FIRST_VERSION = {
    "title": "title", "director": "director", "author": "author", "artist": "artist", "stars": "cast",
    "genre": "genres", "minutes": "runtime", "upc": "barcode", "ean": "barcode", "isbn": "isbn", "edition": "edition",
    "aspect": "format", "mpaarating": "certification", "purchaseDate": "purchased_on", "price": "price",
    "currentValue": "value_mid", "publisher": "publisher", "pages": "pages", "platform": "platform",
    "theatricalDate": "year", "notes": "notes", "rating": "stars", "location": "location", "asin": "asin",
    "netrating": "net rating", "features": "features", "country": "country", "published": "published",
}  # fmt: skip
_LATER_VERSIONS = {
    "title": "title", "genresCompositeString": "subjects", "formatSingularString": "format", "ean": "barcode",
    "isbn": "isbn", "editionSingularString": "edition", "minutes": "runtime", "purchaseDate": "purchased_on",
    "price": "price", "currentValue": "value_mid", "publishersCompositeString": "publisher", "pages": "pages",
    "platformsCompositeString": "platform", "notes": "notes", "rating": "stars", "asin": "asin",
    "creatorsCompositeString": "creators", "actorsCompositeString": "actors", "theatricalDate": "year",
    "audienceRecommendedAgeSingularString": "certification", "itemDescription": "overview",
    "upc": "barcode", "creationDate": "added_at", "publishDate": "published", "signedBy": "signed_by",
    "netRating": "net rating", "featuresCompositeString": "features", "countryCode": "country",
    "numberOfMedia": "discs", "uuidString": _MARK, "hasExperienced": "seen", "originalTitle": "original_title",
}  # fmt: skip
_SETTERS = (
    "title", "original_title", "director", "author", "artist", "cast", "genres", "runtime", "barcode", "isbn",
    "edition", "format", "certification", "purchased_on", "price", "value_mid", "publisher", "pages", "platform",
    "year", "notes", "location", "overview", "added_at", "signed_by",
)  # fmt: skip
_COLUMNS: dict[str, str | None] = {
    "media_type": "media_type",
    **{each: each for each in _SETTERS},
    **dict.fromkeys(
        ("published", "net rating", "features", "country", "discs", "actors", "subjects", "amazon link")
    ),
}
_TABLE = {
    "title": "title", "item type": "media_type", "platform": "platform", "amazon link": "amazon link",
    "ean": "barcode", "isbn": "isbn", "creator": "creators", "edition": "edition", "format": "format",
    "release date": "published", "creation date": "added_at", "rating": "stars", "notes": "notes",
}  # fmt: skip
_MAKERS = {"movie": "director", "book": "author", "music": "artist", "tv_series": "director"}
_NOTHING = frozenset({"0", "0.0", ""})


def open_sheet(file: BinaryIO) -> Items | None:
    """The items of either version."""
    header = [_MARK, *_COLUMNS, "stars", "asin", "seen", "creators"]
    if begins(file, b"<library", b"<items"):
        return Items(
            header, lambda: _rows(map(_first_version, elements(file, frozenset(_KINDS), inside="items")))
        )
    if begins(file, b"<plist", b"CompositeString"):
        dicts = frozenset({"dict"})
        return Items(header, lambda: _rows(map(_later_version, elements(file, dicts, inside="array"))))
    return None


def recognise(header: Sequence[str], sample_rows: Sequence[Mapping[str, str]]) -> float:
    """How sure it is that the file is one of these, from 0 to 1."""
    return 1.0 if _MARK in header else 0.9 if _is_table(header) else 0.0


def prepare(
    header: Sequence[str],
    rows: Iterable[Mapping[str, str]],
    mapping: Mapping[str, Any] | None = None,
    default_type: str | None = None,
) -> Options:
    """Its rating is of five stars; version 1 writes days first."""
    if _is_table(header):
        header, rows = list(_COLUMNS), map(_from_table, rows)
    return prepare_known(name, header, rows, _COLUMNS, None, default_type="movie", scales={"own_rating": 5})


def parse(row_number: int, row: Mapping[str, str], options: Options) -> Record:
    """One item as a record."""
    told = _from_table(row) if _is_table(list(row)) else dict(row)
    if (maker := _MAKERS.get(told.get("media_type", "movie"))) and told.get("creators"):
        told.setdefault(maker, told["creators"])
    record = begin(row_number, told, options)
    if row.get(_MARK):
        record.origin = Origin(name, "item", row[_MARK][:255])
    if row.get("asin"):
        record.external_ids.append(ExternalId("asin", "item", row["asin"][:100]))
    record.own_rating = _stars(told.get("stars", ""))
    if row.get("seen") == "1":
        record.own = Own(status="completed")
    return finish(record)


def _is_table(header: Iterable[str]) -> bool:
    """Whether it is the CSV, which has a few of the columns alone."""
    return {column.casefold() for column in header} >= set(_TABLE)


def _from_table(row: Mapping[str, str]) -> dict[str, str]:
    told = {column.casefold(): text.strip() for column, text in row.items()}
    kind = re.sub(r"[^a-z]", "", told["item type"].lower())
    found = {field: told[column] for column, field in _TABLE.items() if told[column] not in _NOTHING}
    return {**found, "media_type": _KINDS.get(kind, "other")}


def _stars(text: str) -> int | None:
    """0 to 5 with halves as 1 to 10; 0 means none."""
    try:
        given = float(text)
    except ValueError:
        return None
    return round(given * 2) if 0 < given <= 5 else None


def _rows(items: Iterable[dict[str, str]]) -> Iterator[Row]:
    for number, item in enumerate(items, 1):
        yield Row(number, item)


def _first_version(item: Element) -> dict[str, str]:
    found = {"media_type": _KINDS[item.tag], _MARK: item.get("uuid", "")}
    for attribute, column in _FIRST_VERSION.items():
        text = item.get(attribute, "").strip()
        if text and text not in _NOTHING and column not in found:
            found[column] = " | ".join(text.split("\n")) if "\n" in text else text
    description = item.find("description")
    if description is not None and description.text:
        found["overview"] = plain_text(description.text)
    return found


def _later_version(item: Element) -> dict[str, str]:
    given = {}
    children = list(item)
    for key, value in zip(children[::2], children[1::2], strict=False):
        text = "1" if value.tag == "true" else (value.text or "").strip()
        given[(key.text or "").strip()] = "" if value.tag == "false" else text
    kind = re.sub(r"[^a-z]", "", given.get("type", "").lower())
    found = {"media_type": _KINDS.get(kind, "other")}
    for name_of_list, column in (("genresCompositeString", "genres"), ("actorsCompositeString", "cast")):
        if "\n" in given.get(name_of_list, ""):  # else the names run together: kept, but not taken for one
            found[column] = " | ".join(given.pop(name_of_list).split("\n"))
    for key_name, column in _LATER_VERSIONS.items():
        text = given.get(key_name, "")
        if text not in _NOTHING and column not in found:
            found[column] = " | ".join(text.split("\n")) if "\n" in text and column != "notes" else text
    return found


def plain_text(text: str) -> str:
    """The text of a note in RTF; other text is left as it is."""
    if not text.lstrip().startswith("{\\rtf"):
        return text.strip()
    bare = re.sub(r"\{\\(?:fonttbl|colortbl|stylesheet|\*)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "", text)
    bare = re.sub(r"\\'([0-9a-f]{2})", lambda found: bytes.fromhex(found[1]).decode("mac-roman"), bare)
    bare = re.sub(r"\\(?:par|line)\b ?", "\n", bare)
    bare = re.sub(r"\\[a-z]+-?[0-9]* ?", "", bare)
    return re.sub(r"[{}\\]", "", bare).strip()
