"""Pictures of scenes: two widths, two themes, several browsers' tabs at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Error, Page, async_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.findings import Findings, Watch
from tests.browser.scenes import Scene

SIZES = ((1440, 900), (390, 844))
THEMES = ("light", "dark")
AT_ONCE = 4
SETTLED = """() => Promise.all([
  document.fonts.ready,
  ...[...document.images].filter((each) => !each.complete && each.loading !== "lazy")
    .map((each) => new Promise((done) => { each.onload = each.onerror = done; })),
]).then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))"""


@dataclass(frozen=True)
class Shot:
    """One picture and what was found on it."""

    scene: Scene
    width: int
    theme: str
    file: str
    findings: Findings


async def take_shots(base_url: str, scenes: Sequence[Scene], folder: Path) -> list[Shot]:
    """All pictures of these scenes, in their order."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        room = asyncio.Semaphore(AT_ONCE)
        taken = await asyncio.gather(
            *(_of_scene(browser, room, base_url, scene, size, folder) for scene in scenes for size in SIZES)
        )
        await browser.close()
    return [shot for shots in taken for shot in shots]


async def _of_scene(
    browser: Browser,
    room: asyncio.Semaphore,
    base_url: str,
    scene: Scene,
    size: tuple[int, int],
    folder: Path,
) -> list[Shot]:
    """The page is loaded once, cold; the theme changes as it does for a person at dusk."""
    width, height = size
    async with room:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="light",
            locale="en-GB",
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        if scene.guest is not None:
            await context.add_cookies(scene.guest.cookies())  # type: ignore[arg-type]
        page = await context.new_page()
        watch = Watch(page, base_url)
        await watch.begin()
        trouble = await _brought_there(page, base_url, scene)
        loaded = trouble + await watch.as_loaded()
        shots = []
        for theme in THEMES:
            await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            file = f"{scene.name}-{width}-{theme}.png"
            # The caret stays: hiding it takes a style of Playwright's own, which the policy refuses.
            await page.screenshot(path=folder / file, full_page=_whole(scene), caret="initial")
            shots.append(Shot(scene, width, theme, file, loaded + await watch.accessibility(theme)))
        await context.close()
        return shots


async def _brought_there(page: Page, base_url: str, scene: Scene) -> Findings:
    """Opens the page and acts; what does not work is a finding, not the end of the look."""
    found = Findings()
    try:
        answer = await page.goto(base_url + scene.path, wait_until="load")
        if answer is None or answer.status != scene.status:
            found.serious.append(f"answers {answer.status if answer else 'nothing'}, not {scene.status}")
        await scene.act(page)
        await page.evaluate(SETTLED)
    except Error as error:
        found.serious.append(f"could not be brought there: {str(error).splitlines()[0]}")
    return found


def _whole(scene: Scene) -> bool:
    """What lies over a page belongs to the window; everything else is looked at down to its end."""
    return scene.act.__name__ == "_nothing"
