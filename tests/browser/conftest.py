"""One served house for every browser test of a run: first an empty install, then a lively household in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.house import PASSWORD, Guest, House, served_house
from tests.browser.household import Household, furnished, table, upload

CSV = """title,year,media_type,director,genre,format
Night Ferry to Oran,1962,movie,Yves Darrow,Mystery,Blu-ray
The Salt Road,1974,movie,Ilse Marchetti,Drama,DVD
Ninth Floor Left,2021,tv_series,Tomoko Arai,Drama,Digital
,1999,movie,Nobody,Drama,DVD
"""


GENRES = ("Drama", "Western", "Drama", "Comedy")
REELS = [
    [f"Reel {n:03} of the {'Amber ' if n % 9 == 0 else ''}News", str(1900 + n % 90), f"Person {n % 7}",
     GENRES[n % 4], "DVD", "", "", ""]
    for n in range(190)
]  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """A library longer than a page, and whose it is."""

    reader: Guest
    address: str


@pytest.fixture(scope="package")
def house() -> Iterator[House]:
    with served_house() as house:
        yield house


# For the package alone: while Playwright is open its event loop runs, and Django refuses every other test.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def noor(
    house: House, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """The first person of the install, with an imported list."""
    context = browser.new_context(base_url=house.base_url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/")
    expect(page).to_have_url(re.compile("/register"))
    page.fill("[name=name]", "Noor Haddad")
    page.fill("[name=email]", "noor@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.get_by_text("An empty shelf")).to_be_visible()
    _import(page, tmp_path_factory.mktemp("lists") / "shelf.csv")
    page.close()
    yield context
    context.close()


@pytest.fixture(scope="package")
def household(house: House, noor: BrowserContext) -> Household:
    """Nora's, beside Noor's: the install was hers first."""
    return furnished(house)


@pytest.fixture(scope="package")
def shelf(house: House, noor: BrowserContext) -> Shelf:
    """Vera's 190 reels; the install was Noor's first."""
    reader = house.guest("Vera")
    reader.register()
    reader.wait_for_job(upload(reader, "reels.csv", table(REELS)))
    active = reader.call("GET", "/api/auth/me")["active"]
    return Shelf(reader, f"{house.base_url}/s/{active['space']['slug']}/library/{active['library']['id']}")


def _import(page: Page, path: Path) -> None:
    path.write_text(CSV)
    page.click("main >> text=Import a file")
    page.set_input_files("[name=file]", str(path))
    page.click("main button[type=submit]")
    expect(page.get_by_text("What would happen")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("row", name=re.compile("New: "))).to_have_count(3)
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_text("See the library")).to_be_visible(timeout=30_000)
    tally = page.locator(".tally").inner_text().split()
    assert tally[tally.index("Created") + 1] == "3"
    assert tally[tally.index("Failed") + 1] == "1"
    page.click("text=See the library")
