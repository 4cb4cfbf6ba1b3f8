"""What can be measured on a page: accessibility, shift, weight, policy, foreign hosts, overflow."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import CDPSession, ConsoleMessage, Page, Request

# INTERFACE allows 100 kB; pages are half of it since they come compressed, and stay well below.
HEAVIEST = 80_000
MOST_SHIFT = 0.02
SERIOUS = ("serious", "critical")
PICTURES = ("Image", "Media")
# An answer that the scene expects to be an error is not a fault of the page that shows it.
EXPECTED_STATUS = "Failed to load resource: the server responded with a status of"
WATCH = """
window.seen = {shift: 0, violations: []};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
document.addEventListener("securitypolicyviolation", (event) => {
  window.seen.violations.push(`${event.violatedDirective}: ${event.blockedURI || event.sourceFile}`);
});
"""
OVERFLOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width && box.right > room + 1;
  });
  return [`${document.documentElement.scrollWidth} px wide`].concat(
    wide.slice(0, 3).map((each) => `${each.tagName.toLowerCase()}.${each.className}`));
}"""
CUT_OFF = """() => [...document.querySelectorAll("a, button, summary, h1, h2, h3, dt, dd, label")].filter((each) => {
  const style = getComputedStyle(each);
  return each.clientWidth && style.overflowX !== "visible" && style.textOverflow !== "ellipsis"
    && style.webkitLineClamp === "none" && each.scrollWidth > each.clientWidth + 1;
}).slice(0, 3).map((each) => each.textContent.trim().slice(0, 40))"""


@dataclass
class Findings:
    """Of one page in one width and theme; `serious` fails a look, `notes` are for the eye."""

    weight: int = 0
    shift: float = 0.0
    serious: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __add__(self, other: "Findings") -> "Findings":
        return Findings(
            max(self.weight, other.weight),
            max(self.shift, other.shift),
            self.serious + other.serious,
            self.notes + other.notes,
        )


class Watch:
    """Listens to a page from before its first request."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.host = urlsplit(base_url).netloc
        self.weight = 0
        # Of the page as it came, where something was done on it since.
        self.loaded = 0
        self.shifted: float | None = None
        self.console: list[str] = []
        self.foreign: list[str] = []
        self._kinds: dict[str, tuple[str, str]] = {}

    async def begin(self) -> None:
        await self.page.add_init_script(WATCH)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", self._asked)
        session: CDPSession = await self.page.context.new_cdp_session(self.page)
        await session.send("Network.enable")
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._loaded)

    async def came(self) -> None:
        """Remembers what the page weighed and how it shifted before anything is done on it."""
        self.loaded = self.weight
        self.shifted = (await self.page.evaluate("() => window.seen"))["shift"]

    async def as_loaded(self) -> Findings:
        """What the page brought upon itself; asked before anything of ours is put into it."""
        seen = await self.page.evaluate("() => window.seen")
        shift = seen["shift"] if self.shifted is None else self.shifted
        found = Findings(weight=self.loaded or self.weight, shift=round(shift, 4))
        found.serious += [f"console: {each}" for each in dict.fromkeys(self.console)]
        found.serious += [f"policy: {each}" for each in dict.fromkeys(seen["violations"])]
        found.serious += [f"another host: {each}" for each in dict.fromkeys(self.foreign)]
        if found.weight >= HEAVIEST:
            found.serious.append(f"{found.weight:,} bytes without pictures")
        if found.shift >= MOST_SHIFT:
            found.serious.append(f"the layout shifts by {found.shift}")
        if wide := await self.page.evaluate(OVERFLOW):
            found.serious.append(f"runs over the side: {', '.join(wide)}")
        found.notes += [f"cut off: {each}" for each in await self.page.evaluate(CUT_OFF)]
        return found

    async def accessibility(self, theme: str) -> Findings:
        """What axe says; another theme changes colours alone."""
        options = (
            {}
            if theme == "light"
            else {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
        )
        answer = await Axe().run(self.page, options=options)
        found = Findings()
        for each in answer.response["violations"]:
            where = "; ".join(" ".join(node["target"][:1]) for node in each["nodes"][:3])
            text = f"axe {each['impact']}: {each['help']} ({where})"
            (found.serious if each["impact"] in SERIOUS else found.notes).append(text)
        return found

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED_STATUS):
            self.console.append(message.text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.foreign.append(request.url)

    def _answered(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = (event["type"], event["response"]["url"])

    def _loaded(self, event: dict[str, Any]) -> None:
        kind, url = self._kinds.get(event["requestId"], ("", ""))
        if kind not in PICTURES or "/icons." in url:
            self.weight += int(event["encodedDataLength"])
