"""The main path in a real browser, on a real install: from the first registration to undo."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.house import PASSWORD, House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(noor: BrowserContext) -> Iterator[Page]:
    """A tab at the grid; it must neither complain nor ask another host."""
    page = noor.new_page()
    complaints: list[str] = []
    page.on("console", lambda each: complaints.append(each.text) if each.type == "error" else None)
    page.on("request", lambda each: complaints.append(each.url) if "127.0.0.1" not in each.url else None)
    page.goto("/")
    page.click(".contents a >> text=Library >> nth=0")
    page.wait_for_load_state("load")
    page.bring_to_front()
    yield page
    page.close()
    assert [each for each in complaints if not each.startswith("data:") and "status of 422" not in each] == []


def test_filters_narrow_and_stand_in_the_address(page: Page) -> None:
    expect(page.locator(".poster")).to_have_count(3)
    page.click(".tabs >> text=TV")
    expect(page.locator(".poster")).to_have_count(1)
    expect(page).to_have_url(re.compile("media_type="))
    page.click(".tabs >> text=All")
    page.fill("#list-q", "salt")
    page.press("#list-q", "Enter")
    expect(page.locator(".poster-title")).to_have_text(["The Salt Road"])


def test_drawer_has_its_own_address_and_back_and_escape_close_it(page: Page) -> None:
    listed = page.url
    page.click("text=Night Ferry to Oran")
    expect(page.locator("#d-title")).to_have_text("Night Ferry to Oran")
    expect(page).to_have_url(re.compile("/media/med_"))
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url) if each.is_navigation_request() else None)
    page.go_back()
    expect(page.locator(".drawer")).to_have_count(0)
    assert page.url == listed
    page.go_forward()
    expect(page.locator(".drawer")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    assert asked == []


def test_edit_shows_the_error_at_its_field_then_saves(page: Page) -> None:
    _open(page, "The Salt Road")
    page.click("main >> text=Edit")
    page.fill("[name=year]", "90210")
    page.click("main button:has-text('Save')")
    expect(page.locator("[name=year]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=year]", "1975")
    page.click("main button:has-text('Save')")
    expect(page.locator("main")).to_contain_text("1975")


def test_what_is_deleted_comes_back_by_undo_in_the_toast(page: Page) -> None:
    _open(page, "Ninth Floor Left")
    page.click("main button:has-text('Delete')")
    page.click("dialog button:has-text('Delete')")
    expect(page.get_by_text("Ninth Floor Left").and_(page.locator(".poster-title"))).to_have_count(0)
    page.click(".toast >> text=Undo")
    expect(page.locator("main")).to_contain_text("Ninth Floor Left")


def test_keys_reach_search_and_their_own_list(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def test_reading_and_plain_forms_work_with_scripts_off(
    noor: BrowserContext, browser: Browser, house: House
) -> None:
    context = browser.new_context(base_url=house.base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=email]", "noor@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.click(".contents .sub a >> nth=0")
    page.click("text=Add a title")
    page.fill("[name=title]", "A Grammar of Rivers")
    page.click("main button:has-text('Save')")
    assert "A Grammar of Rivers" in page.content()
    context.close()


def test_another_household_sees_none_of_it(noor: BrowserContext, browser: Browser, house: House) -> None:
    page = noor.new_page()
    page.goto("/")
    foreign = page.url
    page.close()
    invited = noor.request.post(
        f"{house.base_url}/api/invitations",
        data={"email": "felix@example.org"},
        headers={"X-CSRFToken": next(c["value"] for c in noor.cookies() if c["name"] == "csrftoken")},
    ).json()
    felix = house.guest("Felix")
    felix.register(invited["token"])
    context = browser.new_context(base_url=house.base_url)
    context.add_cookies(felix.cookies())  # type: ignore[arg-type]  # playwright's own dict type
    other = context.new_page()
    other.goto("/")
    expect(other.get_by_text("An empty shelf")).to_be_visible()
    answer = other.goto(foreign)
    assert answer is not None
    assert answer.status == 404
    assert "Night Ferry" not in other.content()
    context.close()


def _open(page: Page, title: str) -> None:
    address = page.locator(".poster-link", has_text=title).get_attribute("href")
    assert address
    page.goto(address)
