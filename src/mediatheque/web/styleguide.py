"""The component library, for those who build: every macro in every state. Not there in production."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from mediatheque.catalog import generated
from mediatheque.core.errors import NotFound

TITLES = (
    ("movie", "The Salt Road", "Ilse Marwitz", "1961", "Blu-ray", "8.1", "completed"),
    ("book", "A Field Guide to Imaginary Rivers", "Tobias Wren", "2018", "Paperback", "", None),
    ("music", "Lowlight Sessions", "The Tern Quartet", "1972", "Vinyl", "", None),
    ("tv_series", "Деревня у моста", "Ольга Лаврова", "2016", "Digital", "7.7", None),
    ("game", "Kite & Crow", "Studio Halfmoon", "", "", "", None),
)
SURFACES = ("board", "sheet", "well", "wash", "rule", "edge", "ink-2", "ink")
COLOURS = ("accent", "accent-wash", "press", "good", "good-wash", "warn", "warn-wash", "bad", "bad-wash")
STATES = ("draft", "proposed", "confirmed", "live", "completed", "cancelled")


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Raises NotFound in production."""
    if settings.PRODUCTION:
        raise NotFound()
    context: dict[str, Any] = {
        "surfaces": SURFACES,
        "colours": COLOURS,
        "states": STATES,
        "posters": [_poster(*each) for each in TITLES],
        "people": [{"initials": "NMYLBA"[n - 1], "tone": n, "avatar_url": None} for n in range(1, 7)],
    }
    return render(request, "styleguide.html", context)


def _poster(
    kind: str, title: str, byline: str, year: str, form: str, score: str, status: str | None
) -> dict[str, Any]:
    return {
        "title": title,
        "url": "#",
        "poster_url": generated.address(kind, title, byline),
        "square": kind == "music",
        "year": year,
        "format": form,
        "rating": score,
        "own_status": status,
    }


urlpatterns = [path("styleguide", styleguide, name="styleguide")]
