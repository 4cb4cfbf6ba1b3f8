"""Addresses of the catalogue's pages, and the ids in them."""

from functools import lru_cache
from uuid import UUID

from django.urls import reverse

from mediatheque.core.errors import NotFound
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope


def item_url(scope: Scope, media_id: UUID) -> str:
    return url_of_item(scope.space.slug, media_id)


def url_of_item(slug: str, media_id: UUID) -> str:
    return _before_id("catalog-detail", slug) + show_id("media", media_id)


def library_url(scope: Scope, library_id: UUID) -> str:
    return _before_id("catalog-library", scope.space.slug) + show_id("library", library_id)


@lru_cache(1024)
def _before_id(name: str, slug: str) -> str:
    """What such addresses of a space have in common: finding it anew for each card cost a fifth of a page."""
    return reverse(name, args=[slug, "x"]).removesuffix("x")


def identity(kind: str, text: str) -> UUID:
    """The id in an address. Raises NotFound for one of another kind, as for one that does not exist."""
    try:
        return read_id(kind, text)
    except UnknownId:
        raise NotFound() from None
