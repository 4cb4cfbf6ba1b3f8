"""The main path without a mouse, and where the focus is meanwhile."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Shelf

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MOST_STEPS = 80
HELD = """() => document.activeElement === document.body
  || Boolean(document.activeElement.closest("dialog[open], [popover]:popover-open"))"""


@pytest.fixture
def page(shelf: Shelf, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_cookies(shelf.reader.cookies())  # type: ignore[arg-type]  # playwright's own dict type
    page = context.new_page()
    page.goto(shelf.address)
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def test_a_title_is_searched_opened_edited_and_saved(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("reel 007")
    expect(page.locator("#finds [role=option]").first).to_contain_text("Reel 007")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Reel 007 of the News")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/edit$"))
    _tab_to(page, "[name=year]")
    page.keyboard.press("Control+A")
    page.keyboard.type("1951")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("1951")


def test_a_filter_is_opened_ticked_and_left(page: Page) -> None:
    _tab_to(page, "[data-chip=genre]")
    page.keyboard.press("Enter")
    expect(page.locator(".ticks input[name=genre]").first).to_be_visible()
    _tab_to(page, ".ticks input[value=Comedy]")
    page.keyboard.press("Space")
    expect(page.locator(".actives")).to_contain_text("47 titles")
    page.keyboard.press("Escape")
    expect(page.locator("#p-genre")).to_be_hidden()
    expect(page.locator("[data-chip=genre]")).to_be_focused()


def test_the_drawer_takes_the_focus_and_gives_it_back(page: Page) -> None:
    _tab_to(page, ".poster-link")
    opener = page.locator(".poster-link:focus")
    title = opener.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#d-title")).to_have_text(title)
    expect(page.locator("#d-title")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("() => Boolean(document.activeElement.closest('.drawer'))")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    assert page.evaluate("() => document.activeElement.textContent") == title


@pytest.mark.parametrize("dialog", ["delete", "keys"])
def test_a_dialog_holds_the_focus_and_gives_it_back(page: Page, dialog: str) -> None:
    page.goto(str(page.locator(".poster-link").first.evaluate("(each) => each.href")))
    _tab_to(page, f"[data-opens={dialog}]")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{dialog}")).to_be_visible()
    for _ in range(12):
        assert page.evaluate(HELD)
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(f"#{dialog}")).to_be_hidden()
    expect(page.locator(f"[data-opens={dialog}]").first).to_be_focused()


def test_many_titles_are_ticked_changed_and_undone(page: Page) -> None:
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("pick=yes"))
    for _ in range(2):
        _tab_to(page, "input[form=bulk]:not(:checked)")
        page.keyboard.press("Space")
    page.locator(".bulk-bar button[value=edit]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Edit: 2 titles")
    _tab_to(page, "[name=location]")
    page.keyboard.type("Attic")
    expect(page.locator("[name=set][value=location]")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("2 titles were changed.")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("undone")


def _tab_to(page: Page, selector: str) -> None:
    """Tab until what is meant has the focus."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")
