// The list at work: it goes on while one scrolls, keeps its place for Back, and offers quick actions on a cover.

import { call, toast } from "./page.js";

let items;
const AUTOMATIC = 20; // parts that come by themselves; after that the button asks
const WAITING = 8;
let taken = [];
let busy = false;

async function take(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  const more = part.content.querySelector("#more");
  document.getElementById("more").replaceWith(more);
  items.append(part.content);
  taken.push(address);
  watch();
}

async function goOn() {
  const link = document.querySelector("#more a");
  if (!link || busy) return;
  busy = true;
  const waiting = skeletons();
  try {
    await take(link.getAttribute("href"));
  } catch {
    toast(document.body.dataset.offline);
  } finally {
    waiting.forEach((each) => each.remove());
    busy = false;
  }
}

/** Places held while covers come; a table just waits. */
function skeletons() {
  const blank = document.getElementById("blank-card");
  if (!blank || items.tagName !== "UL") return [];
  const found = Array.from({ length: WAITING }, () => blank.content.firstElementChild.cloneNode(true));
  items.append(...found);
  return found;
}

const near = new IntersectionObserver((seen) => {
  if (seen.some((each) => each.isIntersecting) && taken.length < AUTOMATIC) goOn();
}, { rootMargin: "900px" });

function watch() {
  near.disconnect();
  const link = document.querySelector("#more a");
  if (link) near.observe(link);
}

function keepPlace() {
  if (history.state?.drawer) return;
  history.scrollRestoration = "manual";
  history.replaceState({ ...history.state, taken, y: scrollY }, "");
}

/** After Back: the parts that were there, then the place. */
async function returnToPlace() {
  const { taken: before, y } = history.state ?? {};
  if (y === undefined) { watch(); return; }
  busy = true;
  try {
    for (const address of before ?? []) await take(address);
    scrollTo({ top: y, behavior: "instant" });
  } catch {
    // The list changed too much underneath: its beginning is a place as well.
  }
  busy = false;
  watch();
}

/** Year, format, rating and the quick actions of the card that is looked at; made once, moved about. */
const peek = document.getElementById("peek")?.content.firstElementChild;

function show(card) {
  if (!card || card.matches(".pick") || card.contains(peek) || peek.contains(document.activeElement)) return;
  peek.querySelector("b").textContent = card.dataset.score || "";
  press("completed", Boolean(card.querySelector(".seen")));
  press("listed", card.dataset.listed === "yes");
  card.append(peek);
}

const press = (what, on) => peek.querySelector(`[data-own=${what}]`).setAttribute("aria-pressed", String(on));

async function own(card, what, on) {
  const id = card.querySelector("a").pathname.split("/").pop();
  const body = what === "completed" ? { status: on ? "completed" : "not_watched" } : { on_watchlist: on };
  try {
    await call("PATCH", `/api/media/${id}`, { own: body });
  } catch {
    toast(document.body.dataset.failed);
    return;
  }
  if (what === "completed") mark(card, on); else card.dataset.listed = on ? "yes" : "";
  if (card.contains(peek)) press(what, on);
  const words = peek.querySelector(`[data-own=${what}]`).dataset;
  const title = card.querySelector(".poster-title").textContent;
  toast((on ? words.done : words.undone).replace("…", title), () => own(card, what, !on));
}

function mark(card, on) {
  const meta = card.querySelector(".poster-meta");
  meta.querySelectorAll(".seen, .vh").forEach((each) => each.remove());
  if (on) meta.prepend(document.getElementById("seen-mark").content.cloneNode(true));
}

/** The list was changed under other filters: it begins anew. */
function begin() {
  items = document.getElementById("items");
  taken = [];
  near.disconnect();
  if (!items) return;
  returnToPlace();
  if (!peek || items.tagName !== "UL") return;
  for (const kind of ["pointerover", "focusin"]) {
    items.addEventListener(kind, (event) => { if (event.pointerType !== "touch") show(event.target.closest(".poster")); });
  }
}

begin();
addEventListener("list-changed", begin);
addEventListener("pagehide", () => { if (items) keepPlace(); });
addEventListener("leave-list", keepPlace);
document.addEventListener("click", (event) => {
  if (event.target.closest("#more a")) { event.preventDefault(); goOn(); }
  const button = event.target.closest("[data-own]");
  if (button) { event.preventDefault(); own(button.closest(".poster"), button.dataset.own, button.getAttribute("aria-pressed") !== "true"); }
});
