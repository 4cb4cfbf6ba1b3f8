"""A request that can succeed, made ready for one role: fresh people and fresh things, so that nothing is used up."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from mediatheque.core.ids import new_id, read_id, show_id
from tests.support import Actor, Household, make_household

from .routes import Route
from .world import (
    ADDRESS,
    change_of,
    join,
    make_invitation,
    make_job,
    make_mapping,
    make_view,
    membership_id,
    must,
    peek,
    personal_ids,
    picture,
    send,
    table_file,
)

SERIES = {"title": "Twin Peaks", "media_type": "tv_series"}


@dataclass
class Case:
    """Somebody of a household before a route, with everything the route needs."""

    household: Household
    actor: Actor
    route: Route
    values: dict[str, str]
    ids: dict[str, str]

    def call(self, body: Any = ..., **values: str) -> HttpResponse:
        path = self.route.filled(self.values | values)
        sent = self.route.body(self.ids) if body is ... else body
        return send(self.actor.client, self.route.method, path, sent)


def prepare(route: Route, household: Household, role: str, *, own: bool = False) -> Case:
    """The route before a fresh person of this role; `own`: the thing was made by them."""
    if route.rule.whole:
        household = make_household("Fresh")
    elif route.rule.ready == "claim":
        household = make_household("Visitor")
    actor = household.add_person("Fresh", role)
    actor.client.defaults["REMOTE_ADDR"] = ADDRESS
    author = actor if own else household.admin
    ids = {
        "space": show_id("space", household.space_id),
        "slug": household.slug,
        "library": show_id("library", household.library_id),
        "user": household.admin.id,
    }
    if route.rule.ready == "elsewhere":
        second = make_household("Elsewhere")
        join(actor, second, "admin")
        ids["elsewhere"] = show_id("space", second.space_id)
    made: dict[str, str] = {}
    values = {
        name: _target(route, route.kind(name), household, actor, author, ids, made)
        for name in route.parameters
    }
    return Case(household, actor, route, values, ids)


def _target(
    route: Route,
    kind: str,
    household: Household,
    actor: Actor,
    author: Actor,
    ids: dict[str, str],
    made: dict[str, str],
) -> str:
    """The id of a fresh thing of this kind."""
    if kind in ids and kind != "library":
        return ids[kind]
    if kind not in made:
        made |= MAKERS[kind](route, household, actor, author)
    return made[kind]


def _membership(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    person = actor if author is actor else household.add_person("Target", "member")
    return {"membership": membership_id(household, person)}


def _library(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    library = household.add_library("Attic")
    if route.rule.ready == "archived":
        peek("update libraries set archived_at = now() where id = %s", [library])
    return {"library": show_id("library", library)}


def _media(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    """An item with a variant, a season and, where the route is about it, a cover; deleted where it must be."""
    space = {"X_Space": show_id("space", household.space_id)}
    item = must(201, send(author.client, "POST", "/api/media", SERIES, **space))
    base = f"/api/media/{item['id']}"
    variant = must(201, send(author.client, "POST", f"{base}/variants", {"format": "DVD"}, **space))
    season = must(201, send(author.client, "POST", f"{base}/seasons", {"number": 1}, **space))
    if route.rule.ready == "lent":
        must(
            201,
            send(author.client, "POST", f"{base}/variants/{variant['id']}/loan", {"to": "Piotr"}, **space),
        )
    change = change_of(item["id"])
    if (kind := route.path.rpartition("/")[2]) in ("cover", "backdrop"):
        assert send(author.client, "PUT", f"{base}/{kind}", picture(), **space).status_code < 300
    if route.rule.ready == "deleted":
        must(204, send(author.client, "DELETE", base, **space))
    return {
        "media": item["id"], "work": item["work"], "variant": variant["id"], "season": season["id"], "change": change,
    }  # fmt: skip


def _change(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    """The change of an item's title: nothing hangs on it."""
    space = {"X_Space": show_id("space", household.space_id)}
    item = must(201, send(author.client, "POST", "/api/media", SERIES, **space))
    must(200, send(author.client, "PATCH", f"/api/media/{item['id']}", {"notes": "Changed"}, **space))
    found = peek(
        "select id from audit_changes where table_name = 'media' and row_id = %s order by id desc limit 1",
        [read_id("media", item["id"])],
    )
    return {"change": show_id("audit", found[0][0])}


def _filed(household: Household, author: Actor) -> str:
    """A plan of a file that is there."""
    space = {"X_Space": show_id("space", household.space_id)}
    made = send(
        author.client, "POST", "/api/media/import-csv?dry_run=true&async=false", table_file(), **space
    )
    return str(must(200, made)["id"])


def _job(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    if route.rule.ready == "filed":
        return {"job": _filed(household, author)}
    job = make_job(household, household.library_id, author)
    if route.rule.ready == "planned":
        plan = (
            "update sync_jobs set status = 'idle', stage = 'planned', rows_total = 1, plan = %s where id = %s"
        )
        peek(plan, ['{"created": 1, "updated": 0, "skipped": 0, "failed": 0}', read_id("job", job)])
    if route.rule.ready == "ended":
        peek(
            "update sync_jobs set status = 'succeeded', created = 0, finished_at = now() where id = %s",
            [read_id("job", job)],
        )
    return {"job": job}


def _mapping(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    return {"mapping": make_mapping(author, f"Mapping {new_id()}")}


def _invitation(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    inviting = make_household("Inviting") if route.rule.ready == "claim" else household
    email = actor.email if route.path.endswith("/decline") else f"guest-{new_id().hex[-12:]}@example.org"
    identity, token = make_invitation(inviting, email)
    return {"invitation": identity, "invite": token}


def _personal(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    must(201, send(actor.client, "POST", "/api/auth/api-tokens", {"name": "Fresh"}))
    must(201, send(actor.client, "POST", "/api/watchlist", {"title": "Fresh", "media_type": "movie"}))
    return personal_ids(actor)


def _pictured(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    must(200, send(actor.client, "PUT", "/api/auth/me/avatar", picture()))
    return {"pictured": actor.id}


def _tag(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    space = {"X_Space": show_id("space", household.space_id)}
    tag = must(201, send(author.client, "POST", "/api/tags", {"name": f"Tag {new_id()}"}, **space))["id"]
    if route.rule.ready == "deleted":
        must(204, send(author.client, "DELETE", f"/api/tags/{tag}", **space))
    return {"tag": tag}


def _view(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    return {"view": make_view(household, actor)}


def _unsigned(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    return {"signature": "x", "words": "x"}


def _source(route: Route, household: Household, actor: Actor, author: Actor) -> dict[str, str]:
    return {"source": "generic"}


MAKERS = {
    "membership": _membership, "library": _library, "media": _media, "variant": _media, "season": _media,
    "work": _media, "change": _change, "job": _job, "invitation": _invitation, "invite": _invitation,
    "mapping": _mapping,
    "session": _personal, "pictured": _pictured, "token": _personal, "entry": _personal,
    "signature": _unsigned, "words": _unsigned, "source": _source,
    "view": _view,
    "tag": _tag,
}  # fmt: skip
