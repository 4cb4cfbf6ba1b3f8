"""Every page worth looking at: who looks, where, and what they do first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from tests.browser.house import Guest
from tests.browser.household import ROWS, Household, table

# Beside rows that came before: a new one, and a second copy with a note.
MORE = [
    ["The Lamplighter's Daughter", "1938", "Henrike Voss", "Drama", "DVD", "6", "tt9900011", ""],
    ["Small Hours", "2011", "Sana Qureshi", "Romance", "VHS", "10", "tt9900003", "Lent to Yuki"],
]
Act = Callable[[Page], Awaitable[None]]


async def _nothing(page: Page) -> None:
    """The page as it comes."""


@dataclass(frozen=True)
class Scene:
    """A page in one state; `act` brings it there, `status` is what the address answers."""

    name: str
    path: str
    guest: Guest | None
    status: int = 200
    act: Act = _nothing


def scenes(home: Household) -> list[Scene]:
    """All of them, in the order of the sheet; the running import stands in `running`."""
    return [*_door(home), *_shelves(home), *_imports(home), *_people(home), *_spaces(home), *_edges(home)]


def running(home: Household, job: str) -> list[Scene]:
    """An import in full swing: its own page, and its place in the top bar."""
    return [
        Scene("import-running", f"/s/{home.slug}/jobs/{job}", home.admin),
        Scene("home-import-running", f"/s/{home.slug}/", home.admin),
    ]


def _door(home: Household) -> list[Scene]:
    return [
        Scene("sign-in", "/sign-in", None),
        Scene("sign-in-refused", "/sign-in", None, act=_sign_in_wrongly),
        Scene("register", "/register", None),
        Scene("invitation", f"/invitations/{home.invitation}", None),
        Scene("invitation-spent", "/invitations/no-such-invitation", None),
    ]


def _shelves(home: Household) -> list[Scene]:
    space, library = f"/s/{home.slug}", f"/s/{home.slug}/library/{home.library}"
    return [
        Scene("home", f"{space}/", home.admin),
        Scene("home-empty", f"/s/{home.lonely_slug}/", home.lonely),
        Scene("library", library, home.admin),
        Scene("library-all", f"{space}/library", home.member),
        Scene("library-filtered", f"{library}?media_type=movie&director=Ilse+Marwitz", home.admin),
        Scene("library-menu-open", library, home.admin, act=_open_filters),
        Scene("library-table", f"{library}?view=table", home.admin),
        Scene("library-nothing-fits", f"{library}?q=zzzzzz&media_type=book", home.admin),
        Scene("library-empty", f"/s/{home.lonely_slug}/library/{home.lonely_library}", home.lonely),
        Scene("library-kinds", f"{space}/library?media_type=book&media_type=comic&sort=year", home.member),
        Scene("library-peek", library, home.admin, act=_look_at_a_cover),
        Scene("finds", f"{space}/", home.admin, act=_type_into_the_search),
        Scene("views", f"{space}/views", home.admin),
        Scene("tags", f"{space}/tags", home.admin),
        Scene("tag-change-open", f"{space}/tags", home.admin, act=_open_a_tag),
        Scene("detail", f"{space}/media/{home.film}", home.admin),
        Scene("detail-series", f"{space}/media/{home.series}", home.member),
        Scene("drawer", library, home.admin, act=_open_drawer),
        Scene("delete-asked", f"{space}/media/{home.film}", home.admin, act=_ask_to_delete),
        Scene("add", f"{library}/add", home.admin),
        Scene("copy-add", f"{space}/media/{home.film}/variants/new", home.admin),
        Scene("copy", f"{space}/media/{home.film}/variants/{home.variant}", home.admin),
        Scene("lend", f"{space}/media/{home.film}/variants/{home.variant}/lend", home.admin),
        Scene("season-add", f"{space}/media/{home.series}/seasons/new", home.admin),
        Scene("season", f"{space}/media/{home.series}/seasons/{home.season}", home.admin),
        Scene("metadata", f"{space}/media/{home.film}/metadata", home.admin),
        Scene("edit", f"{space}/media/{home.film}/edit", home.admin),
        Scene("add-album", f"{library}/add", home.admin, act=_choose_album),
        Scene("edit-kind", f"{space}/media/{home.book}/edit", home.admin, act=_choose_album),
        Scene("metadata", f"{space}/media/{home.film}/metadata", home.admin),
        Scene("lent", f"{space}/lent", home.admin),
        Scene("watchlist", f"{space}/watchlist", home.admin),
        Scene("pick", f"{library}?pick=yes", home.admin, act=_tick_two),
        Scene("pick-table", f"{library}?pick=yes&view=table", home.admin, act=_tick_two),
        Scene("bulk-edit", f"{library}?pick=yes", home.admin, act=_edit_two),
        Scene("bulk-delete", f"{library}?pick=yes", home.admin, act=_delete_two),
        Scene("form-errors", f"{library}/add", home.admin, act=_save_wrongly),
    ]


def _imports(home: Household) -> list[Scene]:
    space, plan = f"/s/{home.slug}", _planned(home)
    return [
        Scene("import", f"{space}/import", home.admin),
        Scene("import-planned", f"{space}/jobs/{plan}", home.admin),
        Scene("import-mapping", f"{space}/jobs/{plan}/mapping", home.admin),
        Scene("import-finished", f"{space}/jobs/{home.job}", home.admin),
        Scene("jobs", f"{space}/jobs", home.admin),
        Scene("export", f"{space}/export", home.admin),
        Scene("jobs-empty", f"/s/{home.lonely_slug}/jobs", home.lonely),
    ]


def _planned(home: Household) -> str:
    """The id of a plan that waits for its yes."""
    waiting = [each for each in home.admin.items("/api/sync-jobs") if each["stage"] == "planned"]
    if waiting:
        return str(waiting[0]["id"])
    file = {"file": ("attic-shelf.csv", table([*ROWS, *MORE]), "text/csv")}
    path = "/api/media/import-csv?dry_run=true&async=false"
    return str(home.admin.call("POST", path, files=file)["id"])


def _people(home: Household) -> list[Scene]:
    return [
        Scene("profile", "/me/profile", home.admin),
        Scene("sessions", "/me/sessions", home.admin),
        Scene("tokens", "/me/tokens", home.admin),
        Scene("install-people", "/install/people", home.operator),
        Scene("install-person", f"/install/people/{home.person}", home.operator),
        Scene("install-activity", "/install/activity", home.operator),
    ]


def _spaces(home: Household) -> list[Scene]:
    space = f"/s/{home.slug}"
    return [
        Scene("spaces", "/spaces", home.admin),
        Scene("settings", f"{space}/settings", home.admin),
        Scene("settings-member", f"{space}/settings", home.member),
        Scene("libraries", f"{space}/libraries", home.admin),
        Scene("library-settings", f"{space}/libraries/{home.limited}", home.admin),
        Scene("members", f"{space}/members", home.admin),
        Scene("members-member", f"{space}/members", home.member),
        Scene("member-drawer", f"{space}/members", home.admin, act=_open_member),
        Scene("library-transfer", f"{space}/libraries/{home.limited}/transfer", home.admin),
        Scene("install-invitations", "/install/invitations", home.operator),
        Scene("member", f"{space}/members/{home.membership}", home.admin),
        Scene("changes", f"{space}/changes", home.admin),
        Scene("invitations", f"{space}/invitations", home.admin),
        Scene("activity", f"{space}/activity", home.admin),
        Scene("activity-nothing-fits", f"{space}/activity?q=zzzzzz", home.admin),
    ]


def _edges(home: Household) -> list[Scene]:
    return [
        Scene("styleguide", "/styleguide", None),
        Scene("keys", f"/s/{home.slug}/", home.admin, act=_ask_for_keys),
        Scene("person-menu", f"/s/{home.slug}/", home.admin, act=_open_person_menu),
        Scene("not-found", f"/s/{home.slug}/media/med_00000000000000000000000000", home.admin, status=404),
        Scene("not-found-outside", "/nowhere", None, status=404),
        Scene("forbidden", f"/s/{home.slug}/invitations", home.member, status=403),
    ]


async def _sign_in_wrongly(page: Page) -> None:
    await page.get_by_label("E-mail").fill("nobody@example.org")
    await page.get_by_label("Password").fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await page.locator(".is-bad, .error").first.wait_for()


async def _open_filters(page: Page) -> None:
    await page.get_by_role("button", name="Shelf").click()


async def _open_a_tag(page: Page) -> None:
    await page.locator(".tag-tree summary").first.click()


async def _look_at_a_cover(page: Page) -> None:
    """A finger gets no peek: it opens the title."""
    await page.locator(".poster-link").nth(2).focus()
    await page.locator(".peek").wait_for(state="attached")


async def _type_into_the_search(page: Page) -> None:
    await page.get_by_label("Search this space").fill("salt")
    await page.locator("#finds [role=option]").first.wait_for()
    await page.keyboard.press("ArrowDown")


async def _open_drawer(page: Page) -> None:
    """On a phone the detail is a page of its own."""
    await page.get_by_role("link", name="The Keepers", exact=True).first.click()
    await page.locator(".drawer, .detail").first.wait_for()


async def _open_member(page: Page) -> None:
    await page.locator("a[data-drawer]").nth(1).click()
    await page.locator(".facts").first.wait_for()


async def _ask_to_delete(page: Page) -> None:
    await page.get_by_role("button", name="Delete", exact=True).click()


async def _save_wrongly(page: Page) -> None:
    await page.get_by_label("Title", exact=True).fill("A film from a far future")
    await page.get_by_label("Year", exact=True).fill("9999")
    await page.get_by_label("Trailer").fill("ftp://example.org/trailer")
    await page.get_by_role("button", name="Save").click()
    await page.locator(".error").first.wait_for()


async def _choose_album(page: Page) -> None:
    await page.locator("#f-media_type").select_option("music")
    await page.get_by_label("Catalogue number").wait_for()


async def _tick_two(page: Page) -> None:
    for number in range(2):
        await page.locator("input[form=bulk]").nth(number).check()


async def _edit_two(page: Page) -> None:
    await _tick_two(page)
    await page.get_by_role("button", name="Edit …").click()
    await page.get_by_role("button", name="Change them").wait_for()


async def _delete_two(page: Page) -> None:
    await _tick_two(page)
    await page.get_by_role("button", name="Delete …").click()
    await page.get_by_role("button", name="Delete them").wait_for()


async def _ask_for_keys(page: Page) -> None:
    await page.keyboard.press("?")


async def _open_person_menu(page: Page) -> None:
    await page.locator(".person-menu > summary").click()
