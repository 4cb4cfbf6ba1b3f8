"""A file dropped, recognised, mapped, looked at, brought in, reported and taken back, in a real browser (I1, I2)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TABLE = """What,Year,Stars given,Colour
The Lantern Keeper,1987,4.5,red
A Harbour in Winter,1991,3,blue
,1992,2,green
"""


@pytest.fixture
def page(house: House, noor: BrowserContext) -> Iterator[Page]:
    page = noor.new_page()
    page.goto("/")
    yield page
    page.close()


def drop(page: Page, path: Path) -> None:
    page.click("nav >> text=Import >> nth=0")
    page.set_input_files("input[name=file]", path)
    page.click("main button[type=submit] >> text=Read this file")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible(timeout=30_000)


def test_a_file_is_dropped_mapped_brought_in_and_taken_back(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "attic.csv"
    path.write_text("Title," + TABLE.split(",", 1)[1])
    drop(page, path)
    expect(page.locator("main")).to_contain_text("Recognised as Table (CSV)")
    page.click("main >> text=Change mapping")
    expect(page.locator("main")).to_contain_text("by its name")
    expect(page.locator("main")).to_contain_text("not recognised")
    page.get_by_label("Colour", exact=True).fill("notes")
    page.get_by_label("Keep this mapping as").fill("Attic list")
    page.click("main button >> text=Look again")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible(timeout=30_000)
    expect(page.locator("main")).to_contain_text("The row has no title.")
    page.click("main button >> text=Import 2 rows")
    expect(page.get_by_role("heading", name="Report")).to_be_visible(timeout=30_000)
    expect(page.locator("main tbody tr")).to_have_count(3)
    page.click("main >> text=The Lantern Keeper")
    expect(page.locator("main")).to_contain_text("red")
    page.go_back()
    page.click("summary >> text=Undo")
    page.click("button >> text=Undo this import")
    expect(page.locator("main")).to_contain_text("It was removed again.")
    expect(page).to_have_url(re.compile("/jobs/job_"))


def test_a_kept_mapping_is_used_for_the_next_file(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "cellar.csv"
    path.write_text("Title," + TABLE.split(",", 1)[1])
    drop(page, path)
    page.click("main >> text=Change mapping")
    page.get_by_label("A mapping kept for files like this").select_option(label="Attic list")
    page.click("main button >> text=Use it")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible(timeout=30_000)
    page.click("main >> text=Change mapping")
    expect(page.get_by_label("Colour", exact=True)).to_have_value("notes")
    page.go_back()
    page.click("main button >> text=Cancel import")


def test_what_is_no_import_is_refused_beside_the_file(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "films.csv"
    path.write_bytes(b"%PDF-1.7 nothing to read")
    page.click("nav >> text=Import >> nth=0")
    page.set_input_files("input[name=file]", path)
    page.click("main button[type=submit] >> text=Read this file")
    expect(page.locator("#e-file")).to_contain_text("a PDF document")
