// The drawer over a list has its own address. Ours, because htmx's own push loses it on Forward.

const drawer = document.getElementById("drawer");
const wide = matchMedia("(width >= 60rem)");
let list = location.href;
let opener = null;
let wanted = null; // the address that the drawer shows or waits for
let first = null; // what the drawer was opened from; j and k may have gone on since

/** Fetches an item into the drawer; without an answer its own page says why. */
async function open(address) {
  const blank = document.getElementById("blank-drawer");
  if (blank && !drawer.firstElementChild) drawer.replaceChildren(blank.content.cloneNode(true));
  look(opener);
  wanted = address;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  const text = answer?.ok && !answer.redirected ? await answer.text() : null;
  if (wanted !== address) return; // closed, or another one opened, while it was on its way
  if (text === null) { location.replace(address); return; }
  drawer.innerHTML = text;
  drawer.querySelector("h2")?.focus({ preventScroll: true });
}

function mark(link) {
  document.querySelector("#items [aria-current]")?.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "true");
  opener = link ?? opener;
}

/** The list is narrower beside a drawer, and its rows stand elsewhere. */
function look(link) {
  link?.closest("li, tr")?.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function close() {
  wanted = null;
  drawer.replaceChildren();
  mark(null);
  opener?.focus({ preventScroll: true });
  if (opener === first && history.state?.y !== undefined) scrollTo({ top: history.state.y, behavior: "instant" });
  else look(opener);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  if (event.target.closest("[data-drawer-close]") && history.state?.drawer) { event.preventDefault(); history.back(); }
  if (!link || !wide.matches || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  mark(link);
  const replaces = Boolean(history.state?.drawer);
  if (!replaces) first = link;
  dispatchEvent(new Event("leave-list"));
  const entry = { drawer: link.href };
  if (replaces) history.replaceState(entry, "", link.href); else history.pushState(entry, "", link.href);
  open(link.href);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]") || !drawer.firstElementChild) return;
  if (event.key === "Escape" && !event.target.closest("input, textarea, select")) history.back();
  // The next and the last item, as they stand in the list.
  if ((event.key === "j" || event.key === "k") && !event.target.closest("input, textarea, select")) {
    const links = [...document.querySelectorAll("#items a[data-drawer]")];
    links[links.indexOf(opener) + (event.key === "j" ? 1 : -1)]?.click();
  }
});

addEventListener("list-changed", () => { list = location.href; });

addEventListener("popstate", (event) => {
  if (event.state?.drawer) { mark(document.querySelector(`#items a[href="${new URL(event.state.drawer).pathname}"]`)); open(event.state.drawer); }
  else if (location.href.split("#")[0] === list.split("#")[0]) close();
  else location.reload();
});
