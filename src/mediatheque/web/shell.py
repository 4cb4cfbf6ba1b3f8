"""What the frame of every page needs: the person, the space, the ways to go."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mediatheque.catalog.bar import TABS
from mediatheque.core.ids import show_id
from mediatheque.core.scope import Scope, SpaceFacts
from mediatheque.people.avatars import avatar_url
from mediatheque.spaces import policy

from .jinja import theme, url

TONES = 6
KINDS = TABS[1:]


def context(request: HttpRequest) -> dict[str, Any]:
    """Jinja context processor."""
    scope: Scope | None = getattr(request, "scope", None)
    return {
        "shell": frame(request, scope) if scope else None,
        "messages": [_message(each) for each in get_messages(request)],
        "theme": theme(request),
        "version": settings.VERSION,
    }


def frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """The rail, the switcher and the top bar."""
    space = scope.active_space
    return {
        "user": _user(scope),
        "space": _space(space) if space else None,
        "spaces": [_space(each) for each in scope.spaces if not each.archived],
        "libraries": _libraries(scope),
        "nav": _sections(request, scope) if space else [],
        "kinds": _kinds(space.slug) if space else [],
        "version": settings.VERSION["version"],
        "git_sha": settings.VERSION["git_sha"][:7],
        "jobs_url": url("intake-jobs", space.slug) if space else None,
        "can": policy.acts(scope) if space else frozenset(),
    }


def _user(scope: Scope) -> dict[str, Any]:
    words = scope.user.name.split()
    initials = "".join(word[0] for word in words[:2]).upper() or "?"
    return {
        "id": show_id("user", scope.user_id),
        "name": scope.user.name,
        "email": scope.user.email,
        "initials": initials,
        "tone": scope.user_id.int % TONES + 1,
        "avatar_url": avatar_url(scope.user_id, scope.user.avatar, 64),
        "role": scope.user.role,
    }


def _space(space: SpaceFacts) -> dict[str, Any]:
    kinds = {
        "household": _("Household"),
        "studio": _("Studio"),
        "client": _("Client"),
        "platform": _("Platform"),
    }
    return {
        "id": show_id("space", space.id),
        "name": space.name,
        "slug": space.slug,
        "kind": kinds[space.kind],
        "role": space.role,
        "url": url("catalog-home", space.slug),
    }


def _libraries(scope: Scope) -> list[dict[str, Any]]:
    if scope.active_space is None:
        return []
    slug = scope.active_space.slug
    return [
        {
            "id": show_id("library", each.id),
            "name": each.name,
            "url": url("catalog-library", slug, show_id("library", each.id)),
            "archived": each.archived,
        }
        for each in scope.libraries
        if not each.archived
    ]


def _sections(request: HttpRequest, scope: Scope) -> list[dict[str, Any]]:
    """The sections this space has now; libraries stand under theirs (S3)."""
    assert scope.active_space
    slug = scope.active_space.slug
    sections = [
        _section("home", _("Home"), "home", url("catalog-home", slug)),
        _section("library", _("Library"), "library", url("catalog-all", slug), _libraries(scope)),
        _section("import", _("Import"), "import", url("intake-import", slug)),
        _section("members", _("Members"), "people", url("spaces-members", slug)),
        _section("watchlist", _("Watchlist"), "save", url("catalog-watchlist", slug)),
        _section("activity", _("Activity"), "rows", url("audit-activity", slug)),
    ]
    allowed = {"activity": "space.activity"}
    return [s for s in sections if s["key"] not in allowed or policy.allows(scope, allowed[str(s["key"])])]


def _kinds(slug: str) -> list[dict[str, str]]:
    """Films, series, books … of all libraries (S3)."""
    everything = url("catalog-all", slug)
    return [
        {"label": str(label), "url": f"{everything}?{urlencode({'media_type': types}, doseq=True)}"}
        for label, types in KINDS
    ]


def _section(
    key: str, label: str, icon: str, address: str, inside: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    sub = [{"key": each["id"], "label": each["name"], "url": each["url"]} for each in inside]
    return {"key": key, "label": label, "icon": icon, "url": address, "sub": sub}


def _message(message: Any) -> dict[str, Any]:
    undo = next((tag[5:] for tag in message.tags.split() if tag.startswith("undo:")), None)
    return {"text": message.message, "level": message.level_tag, "undo_url": undo}
