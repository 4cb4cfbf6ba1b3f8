"""Addresses of the catalogue's pages, and the ids in them."""

from uuid import UUID

from django.urls import reverse

from mediatheque.core.errors import NotFound
from mediatheque.core.ids import UnknownId, read_id, show_id
from mediatheque.core.scope import Scope


def item_url(scope: Scope, media_id: UUID) -> str:
    return reverse("catalog-detail", args=[scope.space.slug, show_id("media", media_id)])


def library_url(scope: Scope, library_id: UUID) -> str:
    return reverse("catalog-library", args=[scope.space.slug, show_id("library", library_id)])


def identity(kind: str, text: str) -> UUID:
    """The id in an address. Raises NotFound for one of another kind, as for one that does not exist."""
    try:
        return read_id(kind, text)
    except UnknownId:
        raise NotFound() from None
