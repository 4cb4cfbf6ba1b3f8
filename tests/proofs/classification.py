"""The classification: what each route of the product is. A new route gets its line here, or the run fails.

Bodies are the least that is valid; `ids` are the asking person's own.
"""

from typing import Any

from tests.support import PASSWORD

from .rule import Ids, Rule
from .world import Form, picture, table_file

OWN = "media.change_own"
VARIANT, SEASON = {"part_id": "variant"}, {"part_id": "season"}
SIGNED = {"signature": "signature", "words": "words"}


def _media(ids: Ids) -> Any:
    return {"title": "Solaris", "media_type": "movie"}


API: dict[str, Rule] = {
    "GET /api/health": Rule("anyone"),
    "GET /api/ready": Rule("anyone"),
    # One's own.
    "POST /api/auth/register": Rule("anyone", lambda ids: {
        "email": "proof@example.org", "password": "correct horse battery", "name": "P", "invite_token": "unknown"},
        status=404),
    "POST /api/auth/login": Rule("anyone", lambda ids: {"email": "no@example.org", "password": "x"}, status=401),
    "POST /api/auth/token": Rule("anyone", lambda ids: {"email": "no@example.org", "password": "x"}, status=401),
    "POST /api/auth/token/refresh": Rule("anyone", lambda ids: {"refresh_token": "unknown"}, status=401),
    "POST /api/auth/token/revoke": Rule("anyone", lambda ids: {"token": "unknown"}),
    "GET /api/auth/preferences-schema": Rule("anyone"),
    "POST /api/auth/logout": Rule("person"),
    "GET /api/auth/me": Rule("person"),
    "PATCH /api/auth/me": Rule("person", lambda ids: {"preferences": {"default_library": ids["library"]}},
                               refers={"preferences.default_library": "library"}),
    "DELETE /api/auth/me": Rule("person", lambda ids: {"password": PASSWORD}),
    "GET /api/auth/me/data": Rule("person"),
    "POST /api/auth/me/avatar": Rule("person", lambda ids: picture()),
    "PUT /api/auth/me/avatar": Rule("person", lambda ids: picture()),
    "DELETE /api/auth/me/avatar": Rule("person"),
    "GET /api/users/{user}/avatar": Rule("person", kinds={"user": "pictured"}),
    "GET /api/auth/sessions": Rule("person"),
    "DELETE /api/auth/sessions": Rule("person"),
    "DELETE /api/auth/sessions/{session}": Rule("person"),
    "GET /api/auth/api-tokens": Rule("person"),
    "POST /api/auth/api-tokens": Rule("person", lambda ids: {"name": "t", "space": ids["space"]},
                                      refers={"space": "space"}),
    "DELETE /api/auth/api-tokens/{token}": Rule("person"),
    # Spaces.
    "GET /api/spaces": Rule("person"),
    "POST /api/spaces": Rule("person", lambda ids: {"name": "New"}),
    "GET /api/spaces/{space}": Rule("media.see"),
    "PATCH /api/spaces/{space}": Rule("space.settings", lambda ids: {"default_library": ids["library"]},
                                      refers={"default_library": "library"}, whole=True),
    "DELETE /api/spaces/{space}": Rule("space.delete", lambda ids: {"confirm_name": "Fresh’s household"}, whole=True),
    "POST /api/spaces/{space}/archive": Rule("space.archive", whole=True),
    "POST /api/spaces/{space}/restore": Rule("space.archive", whole=True),
    "POST /api/spaces/{space}/select": Rule("media.see"),
    "GET /api/spaces/{space}/members": Rule("media.see"),
    "POST /api/spaces/{space}/members": Rule("member.keep", lambda ids: {"name": "Child"}),
    "GET /api/spaces/{space}/members/{member}": Rule("media.see"),
    "PATCH /api/spaces/{space}/members/{member}": Rule("member.role", lambda ids: {"role": "manager"}),
    "DELETE /api/spaces/{space}/members/{member}": Rule("member.remove", own_act="media.see"),
    "GET /api/spaces/{space}/invitations": Rule("invitation.member"),
    "POST /api/spaces/{space}/invitations": Rule("invitation.member", lambda ids: {"email": "new@example.org"},
                                                 whole=True),
    "POST /api/spaces/{space}/invitations/{invitation}/revoke": Rule("invitation.member"),
    "GET /api/spaces/{space}/activity": Rule("space.activity"),
    "GET /api/spaces/{space}/audit": Rule("space.audit"),
    "POST /api/spaces/{space}/audit/undo": Rule("change.undo_own", query="?request_id=req_unknown", status=404),
    "POST /api/spaces/{space}/audit/{change}/undo": Rule("space.audit", own_act="change.undo_own"),
    "GET /api/invitations/{token}": Rule("anyone", kinds={"token": "invite"}),
    "POST /api/invitations/{token}/claim": Rule("person", kinds={"token": "invite"}, ready="claim"),
    "POST /api/invitations/{token}/decline": Rule("anyone", kinds={"token": "invite"}, ready="decline"),
    "GET /api/invitations": Rule("install"),
    "POST /api/invitations/{invitation}/revoke": Rule("install"),
    "POST /api/invitations": Rule("install", lambda ids: {"email": "new@example.org"}),
    # Libraries.
    "GET /api/libraries": Rule("media.see"),
    "POST /api/libraries": Rule("library.create", lambda ids: {"name": "New"}),
    "GET /api/libraries/{library}": Rule("media.see"),
    "PATCH /api/libraries/{library}": Rule("library.rename", lambda ids: {"name": "Renamed"}),
    "DELETE /api/libraries/{library}": Rule(
        "library.delete", lambda ids: {"confirm_name": "Attic", "media": "move", "to": ids["library"]},
        refers={"to": "library"}, ready="archived"),
    "POST /api/libraries/{library}/archive": Rule("library.archive"),
    "POST /api/libraries/{library}/restore": Rule("library.archive"),
    "POST /api/libraries/{library}/select": Rule("media.see"),
    "GET /api/libraries/{library}/contents": Rule("media.see"),
    "POST /api/libraries/{library}/transfer": Rule(
        "library.transfer", lambda ids: {"to": ids.get("elsewhere", ids["space"])}, refers={"to": "space"},
        ready="elsewhere"),
    # The catalogue.
    "GET /api/media": Rule("media.see", refers={"?library": "library"}),
    "POST /api/media": Rule("media.add", lambda ids: _media(ids) | {"library": ids["library"]},
                            refers={"library": "library"}),
    "GET /api/media/{media_id}": Rule("media.see"),
    "PATCH /api/media/{media_id}": Rule("media.change_others", lambda ids: {"title": "Changed"},
                                        own_act=OWN),
    "DELETE /api/media/{media_id}": Rule("media.change_others", own_act=OWN),
    "GET /api/media/{media_id}/variants": Rule("media.see"),
    "POST /api/media/{media_id}/variants": Rule("media.change_others", lambda ids: {"format": "DVD"},
                                                own_act=OWN),
    "PATCH /api/media/{media_id}/variants/{variant_id}": Rule(
        "media.change_others", lambda ids: {"edition": "Second"}, own_act=OWN),
    "DELETE /api/media/{media_id}/variants/{variant_id}": Rule("media.change_others", own_act=OWN),
    "GET /api/media/{media_id}/seasons": Rule("media.see"),
    "POST /api/media/{media_id}/seasons": Rule("media.change_others", lambda ids: {"number": 7},
                                               own_act=OWN),
    "PATCH /api/media/{media_id}/seasons/{season_id}": Rule(
        "media.change_others", lambda ids: {"title": "Second"}, own_act=OWN),
    "DELETE /api/media/{media_id}/seasons/{season_id}": Rule("media.change_others", own_act=OWN),
    "GET /api/media/{media_id}/metadata": Rule("media.see"),
    "PATCH /api/media/{media_id}/metadata": Rule("media.change_others", lambda ids: {"a": "b"},
                                                 own_act=OWN),
    "PUT /api/media/{media_id}/metadata": Rule("media.change_others", lambda ids: {"a": "b"},
                                               own_act=OWN),
    "GET /api/media/{media_id}/cover": Rule("media.see"),
    "POST /api/media/{media_id}/cover": Rule("media.change_others", lambda ids: picture(), own_act=OWN),
    "PUT /api/media/{media_id}/cover": Rule("media.change_others", lambda ids: picture(), own_act=OWN),
    "DELETE /api/media/{media_id}/cover": Rule("media.change_others", own_act=OWN),
    "GET /api/media/{media_id}/history": Rule("media.see"),
    "POST /api/media/{media_id}/undo-delete": Rule("space.audit", own_act="change.undo_own", ready="deleted"),
    "GET /api/works/{work_id}": Rule("media.see"),
    # Imports.
    "GET /api/media/import/template-csv": Rule("person"),
    "POST /api/media/import-csv": Rule("media.import", lambda ids: table_file()),
    "GET /api/sync-jobs": Rule("media.import"),
    "GET /api/sync-jobs/{job}": Rule("import.undo_any", own_act="media.import", below=404),
    "GET /api/sync-jobs/{job}/result": Rule("import.undo_any", own_act="media.import", below=404),
    "GET /api/sync-jobs/{job}/plan": Rule("import.undo_any", own_act="media.import", below=404, ready="planned"),
    "POST /api/sync-jobs/{job}/apply": Rule("import.undo_any", own_act="media.import", below=404, ready="planned"),
    "POST /api/sync-jobs/{job}/cancel": Rule("import.undo_any", own_act="media.import", below=404),
}  # fmt: skip

# Pages: the pattern as the urlconf writes it, and a method it takes.
PAGES: dict[str, Rule] = {
    "GET /": Rule("anyone"),
    "GET /covers/{signature}/{words}.svg": Rule("anyone", kinds=SIGNED, status=404),
    "GET /manifest.webmanifest": Rule("anyone"),
    "GET /styleguide": Rule("anyone"),
    "GET /sign-in": Rule("anyone"),
    "POST /sign-in": Rule("anyone", lambda ids: Form(email="no@example.org", password="x"), status=422),
    "POST /sign-out": Rule("person"),
    "GET /register": Rule("anyone"),
    "POST /register": Rule("anyone", lambda ids: Form(email="", name="P", password="correct horse"), status=422),
    "GET /me/profile": Rule("person"),
    "POST /me/profile": Rule("person", lambda ids: Form(name="Changed")),
    "POST /me/avatar": Rule("person", lambda ids: picture()),
    "POST /me/avatar/delete": Rule("person"),
    "POST /me/leave": Rule("person", lambda ids: Form(leave_password=PASSWORD)),
    "GET /me/sessions": Rule("person"),
    "POST /me/sessions/end": Rule("person"),
    "POST /me/sessions/{session}/end": Rule("person"),
    "GET /me/tokens": Rule("person"),
    "POST /me/tokens": Rule("person", lambda ids: Form(name="t")),
    "POST /me/tokens/{token}/revoke": Rule("person"),
    "GET /invitations/{token}": Rule("anyone", kinds={"token": "invite"}),
    "POST /invitations/{token}/claim": Rule("person", kinds={"token": "invite"}, ready="claim"),
    "POST /invitations/{token}/decline": Rule("anyone", kinds={"token": "invite"}, ready="decline"),
    "GET /install/invitations": Rule("install"),
    "POST /install/invitations": Rule("install", lambda ids: Form(email="new@example.org")),
    "POST /install/invitations/{invitation}/revoke": Rule("install"),
    "GET /spaces": Rule("person"),
    "POST /spaces": Rule("person", lambda ids: Form(name="New")),
    # A space and its people.
    "GET /s/{slug}/": Rule("media.see"),
    "GET /s/{slug}/settings": Rule("media.see"),
    "POST /s/{slug}/settings": Rule("space.settings", lambda ids: Form(name="N", language="en", time_zone="UTC"),
                                    whole=True),
    "POST /s/{slug}/settings/archive": Rule("space.archive", whole=True),
    "POST /s/{slug}/settings/restore": Rule("space.archive", whole=True),
    "POST /s/{slug}/settings/delete": Rule("space.delete", lambda ids: Form(confirm_name="Fresh’s household"),
                                           whole=True),
    "GET /s/{slug}/members": Rule("media.see"),
    "POST /s/{slug}/members": Rule("member.keep", lambda ids: Form(name="Child")),
    "GET /s/{slug}/members/{member}": Rule("media.see"),
    "POST /s/{slug}/members/{member}/suspend": Rule("member.suspend"),
    "POST /s/{slug}/members/{member}/lift": Rule("member.suspend"),
    "POST /s/{slug}/members/{member}/role": Rule("member.role", lambda ids: Form(role="manager")),
    "POST /s/{slug}/members/{member}/remove": Rule("member.remove", own_act="media.see"),
    "GET /s/{slug}/invitations": Rule("invitation.member"),
    "POST /s/{slug}/invitations": Rule("invitation.member", lambda ids: Form(email="new@example.org"), whole=True),
    "POST /s/{slug}/invitations/{invitation}/revoke": Rule("invitation.member"),
    "GET /s/{slug}/activity": Rule("space.activity"),
    "GET /s/{slug}/changes": Rule("space.audit"),
    "POST /s/{slug}/changes/{change}/undo": Rule("space.audit", own_act="change.undo_own"),
    # Libraries.
    "GET /s/{slug}/libraries": Rule("media.see"),
    "POST /s/{slug}/libraries": Rule("library.create", lambda ids: Form(name="New")),
    "GET /s/{slug}/libraries/{library}": Rule("library.rename"),
    "POST /s/{slug}/libraries/{library}": Rule("library.rename", lambda ids: Form(name="Renamed")),
    "POST /s/{slug}/libraries/{library}/archive": Rule("library.archive"),
    "POST /s/{slug}/libraries/{library}/restore": Rule("library.archive"),
    "GET /s/{slug}/libraries/{library}/transfer": Rule("library.transfer"),
    "POST /s/{slug}/libraries/{library}/transfer": Rule(
        "library.transfer", lambda ids: Form(to=ids.get("elsewhere", ids["space"])), refers={"to": "space"},
        ready="elsewhere"),
    "POST /s/{slug}/libraries/{library}/delete": Rule(
        "library.delete", lambda ids: Form(confirm_name="Attic", media="move", to=ids["library"]),
        refers={"to": "library"}, ready="archived"),
    # The catalogue.
    "GET /s/{slug}/find": Rule("media.see"),
    "GET /s/{slug}/library": Rule("media.see"),
    "GET /s/{slug}/library/{library_id}": Rule("media.see"),
    "GET /s/{slug}/library/{library_id}/add": Rule("media.see"),
    "POST /s/{slug}/library/{library_id}/add": Rule("media.add", lambda ids: Form(title="Solaris", media_type="movie")),
    "GET /s/{slug}/media/{media_id}": Rule("media.see"),
    "GET /s/{slug}/media/{media_id}/edit": Rule("media.change_others", own_act=OWN),
    "POST /s/{slug}/media/{media_id}/edit": Rule("media.change_others", lambda ids: Form(title="Changed"),
                                                 own_act=OWN),
    "POST /s/{slug}/media/{media_id}/delete": Rule("media.change_others", own_act=OWN),
    "POST /s/{slug}/media/{media_id}/undo-delete": Rule("space.audit", own_act="change.undo_own", ready="deleted"),
    "GET /s/{slug}/media/{media_id}/cover": Rule("media.see"),
    "POST /s/{slug}/media/{media_id}/cover": Rule("media.change_others", lambda ids: picture(),
                                                  own_act=OWN),
    "POST /s/{slug}/media/{media_id}/own": Rule("media.see", lambda ids: Form(status="watching")),
    "GET /s/{slug}/media/{media_id}/variants/new": Rule("media.change_others", kinds=VARIANT, own_act=OWN),
    "POST /s/{slug}/media/{media_id}/variants/new": Rule(
        "media.change_others", lambda ids: Form(format="DVD"), kinds=VARIANT, own_act=OWN),
    "GET /s/{slug}/media/{media_id}/variants/{part_id}": Rule("media.change_others", kinds=VARIANT, own_act=OWN),
    "POST /s/{slug}/media/{media_id}/variants/{part_id}": Rule(
        "media.change_others", lambda ids: Form(format="DVD"), kinds=VARIANT, own_act=OWN),
    "POST /s/{slug}/media/{media_id}/variants/{part_id}/delete": Rule(
        "media.change_others", kinds=VARIANT, own_act=OWN),
    "GET /s/{slug}/media/{media_id}/seasons/new": Rule("media.change_others", kinds=SEASON, own_act=OWN),
    "POST /s/{slug}/media/{media_id}/seasons/new": Rule(
        "media.change_others", lambda ids: Form(number="7"), kinds=SEASON, own_act=OWN),
    "GET /s/{slug}/media/{media_id}/seasons/{part_id}": Rule("media.change_others", kinds=SEASON, own_act=OWN),
    "POST /s/{slug}/media/{media_id}/seasons/{part_id}": Rule(
        "media.change_others", lambda ids: Form(number="1"), kinds=SEASON, own_act=OWN),
    "POST /s/{slug}/media/{media_id}/seasons/{part_id}/delete": Rule(
        "media.change_others", kinds=SEASON, own_act=OWN),
    "GET /s/{slug}/media/{media_id}/metadata": Rule("media.change_others", own_act=OWN),
    "POST /s/{slug}/media/{media_id}/metadata": Rule(
        "media.change_others", lambda ids: Form(pairs="a = b"), own_act=OWN),
    "POST /s/{slug}/media/{media_id}/cover/delete": Rule("media.change_others", own_act=OWN),
    # Imports.
    "GET /s/{slug}/import": Rule("media.import"),
    "POST /s/{slug}/import": Rule("media.import", lambda ids: table_file()),
    "GET /s/{slug}/import/current": Rule("media.import"),
    "GET /s/{slug}/jobs": Rule("media.import"),
    "GET /s/{slug}/jobs/{job}": Rule("import.undo_any", own_act="media.import"),
    "GET /s/{slug}/jobs/{job}/progress": Rule("import.undo_any", own_act="media.import"),
    "POST /s/{slug}/jobs/{job}/cancel": Rule("import.undo_any", own_act="media.import"),
    "GET /s/{slug}/jobs/{job}/report": Rule("import.undo_any", own_act="media.import"),
}  # fmt: skip
