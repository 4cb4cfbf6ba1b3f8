"""What holds on every page of the product: axe, weight, shift, policy, hosts, console, keyboard (PROOFS, INTERFACE)."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.findings import Findings, Watch
from tests.browser.house import House
from tests.browser.household import Household
from tests.browser.keyboard import walk
from tests.browser.scenes import Scene, scenes
from tests.browser.shots import SETTLED, THEMES
from tests.proofs.routes import page_routes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AT_ONCE = 3
# Answers to scripts, pictures and files: parts of a page that is looked at, or no page at all.
NO_PAGES = {
    "/", "/covers/{signature}/{words}.svg", "/manifest.webmanifest", "/s/{slug}/find", "/s/{slug}/library/facets",
    "/s/{slug}/library/{library_id}/facets", "/s/{slug}/media/{media_id}/cover",
    "/s/{slug}/media/{media_id}/backdrop", "/s/{slug}/import/current",
    "/s/{slug}/jobs/{job}/progress", "/s/{slug}/jobs/{job}/report",
    "/s/{slug}/export/file",
    "/s/{slug}/jobs/{job}/mapping",  # only while a plan waits
}  # fmt: skip


def test_every_page_of_the_router_is_looked_at(household: Household) -> None:
    looked_at = [scene.path.split("?")[0].split("#")[0] for scene in scenes(household) if scene.status == 200]
    patterns = {
        route.path: re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route.path)) + "$")
        for route in page_routes()
        if route.method == "GET" and route.path not in NO_PAGES
    }
    missing = [path for path, pattern in patterns.items() if not any(map(pattern.match, looked_at))]
    assert missing == []


def test_every_page_is_sound_light_and_quiet_in_either_theme(house: House, household: Household) -> None:
    with ThreadPoolExecutor(1) as thread:  # this one's loop belongs to the other browser tests
        assert thread.submit(asyncio.run, _looked_at(house, scenes(household))).result() == {}


async def _looked_at(house: House, wanted: list[Scene]) -> dict[str, list[str]]:
    """What is wrong, by scene and width; a narrow window is a phone's."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        room = asyncio.Semaphore(AT_ONCE)
        jobs = [_findings(browser, room, house, scene, width) for scene in wanted for width in (1440, 390)]
        found = await asyncio.gather(*jobs)
        await browser.close()
    return {name: faults for name, faults in found if faults}


async def _findings(
    browser: AsyncBrowser, room: asyncio.Semaphore, house: House, scene: Scene, width: int
) -> tuple[str, list[str]]:
    async with room:
        context = await browser.new_context(
            viewport={"width": width, "height": 860},
            color_scheme="light",
            locale="en-GB",
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        if scene.guest is not None:
            await context.add_cookies(scene.guest.cookies())  # type: ignore[arg-type]  # playwright's own dict type
        page = await context.new_page()
        watch = Watch(page, house.base_url)
        await watch.begin()
        answer = await page.goto(house.base_url + scene.path, wait_until="load")
        assert answer is not None
        found = Findings()
        if answer.status != scene.status:
            found.serious.append(f"answers {answer.status}, not {scene.status}")
        await page.evaluate(SETTLED)
        await watch.came()
        try:
            await scene.act(page)
        except PlaywrightError as error:
            found.serious.append(f"cannot be used: {error.message.splitlines()[0]} {page.url}")
        await page.evaluate(SETTLED)
        found += await watch.as_loaded()
        for theme in THEMES if width > 600 else THEMES[:1]:
            await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += await watch.accessibility(theme)
        if width > 600 and scene.act.__name__ == "_nothing":
            found.serious += await walk(page)
        await context.close()
        return f"{scene.name} {width}", found.serious + [
            each for each in found.notes if each.startswith("axe")
        ]
