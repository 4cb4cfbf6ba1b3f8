"""Walking a page by Tab alone: what is reached, and whether one sees where one is."""

from typing import Any

from playwright.async_api import Page

MOST_STEPS = 400
# Whatever a person could press, marked so that it can be told again; `#more` presses itself when one comes near.
CONTROLS = """() => {
  const seen = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((each) =>
    !each.matches(":disabled") && each.tabIndex >= 0 && !each.closest("[inert], dialog:not([open]), [hidden], #more")
    && each.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }));
  const groups = new Set();
  const found = seen.filter((each) => {
    if (each.type !== "radio") return true;
    if (groups.has(each.name)) return false;
    groups.add(each.name);
    return true;
  });
  found.forEach((each, at) => { each.dataset.control = at; });
  const name = (each) => each.getAttribute("aria-label") || each.textContent || each.name || "";
  return found.map((each) => `${each.tagName.toLowerCase()} ${name(each).trim().slice(0, 40)}`);
}"""
STEP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const ringed = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const around = here.closest(".search, .big, .field, label, .check");
  const seen = ringed(getComputedStyle(here)) || ringed(getComputedStyle(here, "::after"))
    || (around && getComputedStyle(around).boxShadow !== "none") || getComputedStyle(here).boxShadow !== "none"
    || ["date", "file"].includes(here.type);
  return { control: here.dataset.control ?? null, seen: Boolean(seen), name: here.outerHTML.slice(0, 90) };
}"""


async def walk(page: Page) -> list[str]:
    """What Tab does not reach or reaches without a mark, in words."""
    names: list[str] = await page.evaluate(CONTROLS)
    await page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); scrollTo(0, 0); }")
    reached: set[int] = set()
    unseen: list[str] = []
    for _ in range(min(len(names) * 2 + 20, MOST_STEPS)):
        await page.keyboard.press("Tab")
        here: dict[str, Any] | None = await page.evaluate(STEP)
        if here is None:
            if reached:
                break
            continue
        if not here["seen"]:
            unseen.append(f"focus cannot be seen: {here['name']}")
        if here["control"] is not None:
            if int(here["control"]) in reached and len(reached) == len(names):
                break
            reached.add(int(here["control"]))
    missed = [f"Tab does not reach: {name}" for at, name in enumerate(names) if at not in reached]
    return list(dict.fromkeys(missed + unseen))[:5]
