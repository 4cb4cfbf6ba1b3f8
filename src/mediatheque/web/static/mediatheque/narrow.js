// The filter bar at work: a choice changes the list in place and stands in the address; words as they are typed.

import { toast } from "./page.js";

const form = document.getElementById("narrow");
const PAUSE = 200;
let timer, asked, counting;

/** The address that the form says; empty fields say nothing, nor does an order that nobody asked for. */
function address() {
  const said = [...new FormData(form)].filter(([name, value]) => value !== "" && (name !== "sort" || "sorted" in form.dataset));
  const query = new URLSearchParams(said).toString();
  return query ? `${form.action}?${query}` : form.action;
}

/** Shows the list at an address. A step is a step for Back; words being typed are one step. */
async function show(target, step) {
  asked?.abort();
  asked = new AbortController();
  const list = document.getElementById("list");
  list.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(target, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok || answer.redirected) { location.assign(target); return; }
    list.innerHTML = await answer.text();
    document.getElementById("turn").replaceWith(document.getElementById("turned").content.firstElementChild);
  } catch (fault) {
    if (fault.name !== "AbortError") toast(document.body.dataset.offline);
    return;
  }
  list.removeAttribute("aria-busy");
  if (target !== location.href) history[step ? "pushState" : "replaceState"](null, "", target);
  const keeps = document.querySelector("[data-keeps] [name=state]");
  if (keeps) keeps.value = new URL(target, location.href).search.slice(1);
  lead();
  dispatchEvent(new Event("list-changed"));
  count();
}

/** What leads to another kind or view takes the filters along that were chosen here. */
function lead() {
  for (const link of document.querySelectorAll("[data-goes] a")) {
    const name = link.closest("[data-goes]").dataset.goes;
    const said = new URLSearchParams(location.search);
    said.delete(name);
    new URL(link.href).searchParams.getAll(name).forEach((value) => said.append(name, value));
    link.search = said;
  }
}

/** Puts the numbers into tabs and panels; what has the focus keeps it. */
async function count() {
  if (!form.dataset.facets) return;
  counting?.abort();
  counting = new AbortController();
  const query = new URL(address(), location.href).search;
  const answer = await fetch(form.dataset.facets + query, { headers: { "HX-Request": "true" }, signal: counting.signal }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  const focused = document.activeElement?.matches?.("#narrow .ticks input") ? document.activeElement : null;
  part.content.querySelectorAll("template").forEach((each) => {
    document.querySelectorAll(`[data-fill="${each.dataset.for}"]`).forEach((place) => place.replaceChildren(each.content.cloneNode(true)));
  });
  if (focused) form.querySelector(`.ticks input[name="${focused.name}"][value="${CSS.escape(focused.value)}"]`)?.focus();
}

function mark() {
  form.querySelectorAll("[data-chip]").forEach((chip) => {
    const panel = document.getElementById(chip.getAttribute("popovertarget"));
    const chosen = [...panel.querySelectorAll("input")].filter((each) => (each.type === "checkbox" ? each.checked : each.value)).length;
    chip.classList.toggle("on", chosen > 0);
    chip.querySelector(".n").textContent = chosen || "";
  });
}

/** With words the best match stands first, unless another order was asked for. */
function order() {
  const sort = document.getElementById("sort");
  const best = sort.querySelector("[value=relevance]");
  best.hidden = best.disabled = !document.getElementById("list-q").value.trim();
  if (!("sorted" in form.dataset)) sort.value = best.disabled ? "title" : "relevance";
  else if (best.disabled && best.selected) { sort.value = "title"; delete form.dataset.sorted; }
}

form?.addEventListener("change", (event) => {
  if (event.target.id === "list-q") return;
  if (event.target.id === "sort") { form.querySelector("[name=dir]")?.remove(); form.dataset.sorted = ""; }
  mark();
  show(address(), true);
});
form?.addEventListener("input", (event) => {
  if (event.target.id !== "list-q") return;
  order();
  clearTimeout(timer);
  timer = setTimeout(() => show(address(), false), PAUSE);
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  form.querySelectorAll("[popover]:popover-open").forEach((each) => each.hidePopover());
  mark();
  show(address(), true);
});
addEventListener("scroll", () => form?.querySelector(".filter-panel:popover-open:not(:hover, :focus-within)")?.hidePopover(), { passive: true });

if (form) (window.requestIdleCallback ?? setTimeout)(count);
