"""A long list in a real browser: what was chosen is kept, and so is one's place."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Shelf

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

IN_VIEW = """() => [...document.querySelectorAll(".poster-link")].findIndex((each) => {
  const box = each.getBoundingClientRect();
  return box.top > 250 && box.bottom < 800;
})"""


@pytest.fixture
def page(shelf: Shelf, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_cookies(shelf.reader.cookies())  # type: ignore[arg-type]  # playwright's own dict type
    page = context.new_page()
    page.goto(shelf.address)
    expect(page.locator(".actives")).to_contain_text("190 titles")
    yield page
    context.close()


def test_what_was_chosen_goes_along_to_another_kind_order_and_view(page: Page) -> None:
    page.click("[data-chip=genre]")
    page.click(".ticks label:has-text('Western')")
    expect(page.locator(".actives")).to_contain_text("48 titles")
    page.keyboard.press("Escape")
    page.click(".tabs >> text=Movies")
    expect(page).to_have_url(re.compile("genre=Western.*media_type=movie"))
    page.select_option("#sort", "year")
    expect(page).to_have_url(re.compile("sort=year"))
    page.click("#turn")
    expect(page).to_have_url(re.compile("genre=Western.*sort=year.*dir=asc"))
    page.fill("#list-q", "amber")
    expect(page).to_have_url(re.compile("dir=asc.*q=amber|q=amber.*dir=asc"))
    page.click("[aria-label=Table]")
    expect(page).to_have_url(re.compile("q=amber.*view=table"))
    for kept in ("genre=Western", "media_type=movie", "sort=year"):
        assert kept in page.url


def test_words_put_the_best_match_first_unless_an_order_was_asked_for(page: Page) -> None:
    page.fill("#list-q", "amber")
    expect(page.locator("#sort")).to_have_value("relevance")
    expect(page).to_have_url(re.compile(r"\?q=amber$"))
    page.select_option("#sort", "year")
    page.fill("#list-q", "amber news")
    expect(page.locator("#sort")).to_have_value("year")
    page.fill("#list-q", "")
    expect(page).to_have_url(re.compile(r"\?sort=year$"))


def test_drawer_shows_its_title_in_the_list_and_gives_place_and_focus_back(page: Page) -> None:
    _scroll_through(page, 150)
    place, chosen = page.evaluate("() => scrollY"), page.evaluate(IN_VIEW)
    link = page.locator(".poster-link").nth(chosen)
    title = link.inner_text()
    link.click()
    expect(page.locator("#d-title")).to_have_text(title)
    expect(page.locator("#d-title")).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    assert page.evaluate("() => scrollY") == place


def test_next_title_in_the_drawer_leaves_one_at_that_title(page: Page) -> None:
    _scroll_through(page, 150)
    chosen = page.evaluate(IN_VIEW)
    page.locator(".poster-link").nth(chosen).click()
    titles = page.locator(".poster-title").all_inner_texts()
    for step in range(1, 8):
        expect(page.locator("#d-title")).to_have_text(titles[chosen + step - 1])
        page.keyboard.press("j")
    expect(page.locator("#d-title")).to_have_text(titles[chosen + 7])
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    last = page.locator(".poster-link").nth(chosen + 7)
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport()


def test_a_drawer_closed_before_its_title_came_stays_closed(page: Page) -> None:
    listed, held = page.url, list[Route]()
    page.route(re.compile("/media/med_[0-9a-z]+$"), lambda route: held.append(route))
    page.locator(".poster-link").first.click()
    expect(page.locator(".drawer")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".drawer")).to_have_count(0)
    assert page.url == listed


def test_back_from_a_page_finds_the_place_after_several_parts(page: Page) -> None:
    _scroll_through(page, 150)
    link = page.locator(".poster-link").nth(page.evaluate(IN_VIEW))
    place, title = page.evaluate("() => scrollY"), link.inner_text()
    page.goto(str(link.evaluate("(each) => each.href")))
    expect(page.locator("h1")).to_have_text(title)
    page.go_back()
    expect(page.locator(".poster-link", has_text=title)).to_be_in_viewport()
    assert abs(page.evaluate("() => scrollY") - place) < 30
    page.reload()
    expect(page.locator(".poster-link", has_text=title)).to_be_in_viewport()


def _scroll_through(page: Page, count: int) -> None:
    """Down to where so many covers have come."""
    while page.locator(".poster-link").count() < count:
        page.mouse.move(700, 500)
        page.mouse.wheel(0, 2500)
        page.wait_for_timeout(150)
    page.evaluate("() => scrollTo({ top: document.body.scrollHeight * 0.6, behavior: 'instant' })")
    page.wait_for_timeout(150)
