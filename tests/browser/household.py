"""A lively household, made through the API alone, and where to find what is in it.

`python -m tests.browser.household` keeps one served for `bin/look --base-url`.
"""

import csv
import io
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps

from tests.browser.house import Guest, House, served_house
from tests.browser.titles import TITLES

FILE = "attic-shelf.csv"
COLUMNS = ["Title", "Year", "Director", "Genres", "Format", "My rating", "IMDb", "Notes"]
# Created, the same row again, a change to what stands there, one without a title, one with another's id.
ROWS = [
    ["The Brass Meridian", "1952", "Edgar Plumley", "Adventure", "DVD", "8", "tt9900001", ""],
    ["Rooms for Travellers", "1986", "Luc Perrin", "Drama | Romance", "DVD", "7", "tt9900002", ""],
    ["Rooms for Travellers", "1986", "Luc Perrin", "Drama | Romance", "DVD", "7", "tt9900002", ""],
    ["Small Hours", "2011", "Sana Qureshi", "Romance", "Blu-ray", "9", "tt9900003", "The good copy"],
    ["", "1999", "", "Comedy", "DVD", "", "", "a note without a title"],
    ["An Entirely Different Film", "1964", "Ilse Marwitz", "War", "VHS", "", "tt9900001", ""],
    ["Kites over Brno", "next year", "Hannes Vogt", "Comedy", "DVD", "eleven", "", ""],
    ["Зимний вокзал", "1977", "Лев Горин", "Drama", "DVD", "10", "", ""],
]
LONG_FILE_ROWS = 6000


@dataclass(frozen=True)
class Household:
    """Its people, and the names of what a page's address needs."""

    admin: Guest
    manager: Guest
    member: Guest
    lonely: Guest
    operator: Guest
    slug: str
    lonely_slug: str
    space: str
    library: str
    limited: str
    lonely_library: str
    film: str
    book: str
    series: str
    variant: str
    season: str
    membership: str
    person: str
    job: str
    invitation: str


def furnished(house: House) -> Household:
    """The household of this house; a house that already has it keeps it as it is."""
    admin, manager, member, lonely = (house.guest(name) for name in ("Nora", "Matteo", "Yuki", "Lonny"))
    if not admin.sign_in():
        admin.register()
        _furnish(admin, manager, member)
        lonely.register()
    for guest in (manager, member, lonely):
        guest.sign_in()
    return _found(admin, manager, member, lonely)


def table(rows: list[list[str]]) -> bytes:
    """A file to import."""
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    return out.getvalue().encode()


def long_table(count: int = LONG_FILE_ROWS) -> bytes:
    """A file that keeps the worker busy for a while."""
    return table(
        [[f"Reel {n} of the Harbour News", str(1920 + n % 60), f"Person {n % 40}", "News", "DVD", "", "", ""]
         for n in range(count)]
    )  # fmt: skip


def upload(guest: Guest, name: str, content: bytes) -> str:
    """The id of the job that takes the file in."""
    answer = guest.call("POST", "/api/media/import-csv", files={"file": (name, content, "text/csv")})
    return str(answer["job_id"])


def _furnish(admin: Guest, manager: Guest, member: Guest) -> None:
    space = admin.call("GET", "/api/auth/me")["active"]["space"]["id"]
    admin.call(
        "PATCH", f"/api/spaces/{space}", json={"name": "Orchard Street 9", "time_zone": "Europe/Berlin"}
    )
    for guest, role in ((manager, "manager"), (member, "member")):
        guest.register(_invite(admin, space, guest.email, role))
    _invite(admin, space, "grandmother@example.org", "member")
    for each in TITLES:
        _add(admin, each)
    _tag(admin)
    limited = {"name": "The locked cabinet", "description": "For the grown-ups.", "limited": True}
    cabinet = admin.call("POST", "/api/libraries", json=limited)["id"]
    for title in ("Ashes on the Stair", "Thirteen Minutes Past", "The Wolf Ledger"):
        admin.call("POST", "/api/media", json={"title": title, "media_type": "movie", "library": cabinet})
    admin.wait_for_job(upload(admin, FILE, table(ROWS)))
    body = {"name": "Shelf scanner", "scopes": ["read", "write"]}
    admin.call("POST", "/api/auth/api-tokens", json=body)


def _invite(admin: Guest, space: str, email: str, role: str) -> str:
    body = {"email": email, "role": role}
    return str(admin.call("POST", f"/api/spaces/{space}/invitations", json=body)["token"])


def _add(admin: Guest, title: dict[str, Any]) -> None:
    fields = {name: value for name, value in title.items() if name != "seasons"}
    made = admin.call("POST", "/api/media", json=fields)["id"]
    for number, expected, available, complete in title.get("seasons", ()):
        season = {"number": number, "expected_episodes": expected, "available_episodes": available}
        admin.call("POST", f"/api/media/{made}/seasons", json=season | {"is_complete": complete})
    if title["title"] == "The Salt Road":
        copy = {"format": "DVD", "edition": "Festival print", "location": "Shelf B 4", "condition": "good"}
        lent = admin.call("POST", f"/api/media/{made}/variants", json=copy)["id"]
        loan = {"to": "Grandmother", "since": "2026-01-04", "due": "2026-02-01"}
        admin.call("POST", f"/api/media/{made}/variants/{lent}/loan", json=loan)
        admin.call(
            "POST", f"/api/media/{made}/backdrop", files={"file": ("valley.png", _valley(), "image/png")}
        )
        admin.call("PATCH", f"/api/media/{made}/metadata", json={"shop": "Corner cinema", "ticket": "B 14"})
    if title["title"] == "The Keepers":
        for number, name in ((3, "The Long Watch"), (1, "Low Water")):
            episode = {"title": name, "media_type": "tv_episode", "series": made, "format": "DVD",
                       "details": {"season": 1, "number": number, "episode_title": name}}  # fmt: skip
            admin.call("POST", "/api/media", json=episode)


def _valley() -> bytes:
    """A wide picture: an evening sky over dark ground."""
    sky = Image.linear_gradient("L").resize((1600, 640))
    drawn = ImageOps.colorize(sky, "#23395b", "#e8a27c")
    drawn.paste(Image.new("RGB", (1600, 160), "#1d2a24"), (0, 480))
    kept = io.BytesIO()
    drawn.save(kept, "PNG")
    return kept.getvalue()


def _tag(admin: Guest) -> None:
    """Tags, two of them below a third."""
    for title, names in (("The Salt Road", ["Film club", "Lent often"]), ("The Keepers", ["Rewatch"])):
        admin.call("PATCH", f"/api/media/{_item(admin, title)}", json={"tags": names})
    evenings = admin.call("POST", "/api/tags", json={"name": "Evenings", "metadata": {"colour": "plum"}})[
        "id"
    ]
    for each in admin.items("/api/tags"):
        if each["name"] in ("Film club", "Rewatch"):
            admin.call("PATCH", f"/api/tags/{each['id']}", json={"parent": evenings})


def _found(admin: Guest, manager: Guest, member: Guest, lonely: Guest) -> Household:
    mine, theirs = (guest.call("GET", "/api/auth/me")["active"] for guest in (admin, lonely))
    libraries = {each["name"]: each["id"] for each in admin.items("/api/libraries")}
    jobs = admin.items("/api/sync-jobs")
    film, series = _item(admin, "The Salt Road"), _item(admin, "The Keepers")
    return Household(
        admin=admin,
        manager=manager,
        member=member,
        lonely=lonely,
        operator=_operator(admin),
        slug=mine["space"]["slug"],
        lonely_slug=theirs["space"]["slug"],
        space=mine["space"]["id"],
        library=mine["library"]["id"],
        limited=libraries["The locked cabinet"],
        lonely_library=theirs["library"]["id"],
        film=film,
        book=_item(admin, "The Inventory of Quiet Things"),
        series=series,
        variant=admin.call("GET", f"/api/media/{film}")["variants"][0]["id"],
        season=admin.call("GET", f"/api/media/{series}")["seasons"][0]["id"],
        membership=admin.items(f"/api/spaces/{mine['space']['id']}/members")[-1]["id"],
        person=admin.call("GET", "/api/auth/me")["user"]["id"],
        job=jobs[-1]["id"],
        invitation=_fresh_invitation(admin, mine["space"]["id"], "cousin@example.org"),
    )


def _operator(admin: Guest) -> Guest:
    """Who runs the install: whoever was there first."""
    first = Guest(admin.base_url, "noor@example.org", "Noor")
    return first if first.sign_in() else admin


def _fresh_invitation(admin: Guest, space: str, email: str) -> str:
    """Its token is shown once, so each look revokes the last one and makes another."""
    address = f"/api/spaces/{space}/invitations"
    for each in admin.items(address):
        if each["email"] == email and each["status"] == "pending":
            admin.call("POST", f"{address}/{each['id']}/revoke")
    return _invite(admin, space, email, "member")


def _item(guest: Guest, title: str) -> str:
    found = guest.items(f"/api/media?library=all&q={title.replace(' ', '+')}")
    return str(next(each["id"] for each in found if each["title"] == title))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with served_house() as served, suppress(KeyboardInterrupt):
        furnished(served)
        print(f"{served.base_url}  (Ctrl-C ends it)", flush=True)
        signal.pause()
