"""What a phone or a desktop needs to keep Mediatheque among its applications."""

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

BOARD = "#eaece8"  # --board of tokens.css in its light theme


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """The web application manifest."""
    icons = [
        _icon("icon.svg", "any", "image/svg+xml"),
        _icon("icon-192.png", "192x192"),
        _icon("icon-512.png", "512x512"),
        _icon("icon-maskable-512.png", "512x512") | {"purpose": "maskable"},
    ]
    content = {
        "name": "Mediatheque",
        "short_name": "Mediatheque",
        "description": _("What we own, watch, make and put on."),
        "id": "/",
        "start_url": "/",
        "display": "standalone",
        "background_color": BOARD,
        "theme_color": BOARD,
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")


def _icon(name: str, sizes: str, kind: str = "image/png") -> dict[str, str]:
    return {"src": static(f"mediatheque/{name}"), "sizes": sizes, "type": kind}


urlpatterns = [path("manifest.webmanifest", manifest, name="manifest")]
