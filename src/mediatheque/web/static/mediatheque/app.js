// What HTML and htmx do not do by themselves. Every page works without this file.

import { cookie, leave, toast, typing } from "./page.js";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});

// A refused request says so in a toast; 422 is swapped in place and stays at its field.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 422) toast(document.body.dataset.failed);
});
document.addEventListener("htmx:sendError", () => toast(document.body.dataset.offline));

document.querySelectorAll("#toasts > .toast:not(:has(form))").forEach(leave);

// What is under way, in the top bar: asked again while the page is looked at.
const current = document.querySelector("[data-polls]");

async function poll() {
  if (document.visibilityState === "visible") {
    const answer = await fetch(current.dataset.polls, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) current.innerHTML = await answer.text();
  }
  setTimeout(poll, 5000);
}

if (current) poll();

// Keys. `g` and a letter go to a section, as the list under `?` says.
let going = false;

function go(key) {
  going = false;
  document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (event.key !== "Escape" && document.querySelector("dialog[open]")) return;
  if (going) { go(event.key); return; }
  if (event.key === "/") {
    const field = document.getElementById("q");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1200);
  } else {
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
  }
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) { event.preventDefault(); document.getElementById(opener.dataset.opens)?.showModal(); }
  const closer = event.target.closest("[data-closes]");
  if (closer) { event.preventDefault(); closer.closest("dialog")?.close(); closer.closest(".toast")?.remove(); }
  // A click on the backdrop closes; only one menu is open at a time, and none after a click elsewhere.
  if (event.target.matches("dialog[open]")) event.target.close();
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { event.stopImmediatePropagation(); menu.open = false; menu.querySelector("summary").focus(); }
}, true);

// A menu closes when the focus leaves it by Tab.
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

// A form that is on its way is not sent twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});

// A choice that filters is applied at once; without scripts there is a button.
document.addEventListener("change", (event) => {
  if (event.target.closest("[data-applies]")) event.target.form.requestSubmit();
});

// Among fields that are changed only where ticked, what is written is ticked.
document.addEventListener("input", (event) => {
  const tick = event.target.closest(".change")?.querySelector("[name=set]");
  if (tick && tick !== event.target) tick.checked = true;
});

// The dropped file lands in the form's own field.
document.addEventListener("dragover", (event) => { if (event.target.closest?.(".drop")) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  const area = event.target.closest?.(".drop");
  if (!area || !event.dataTransfer.files.length) return;
  event.preventDefault();
  const field = area.querySelector("input[type=file]");
  field.files = event.dataTransfer.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

// An address that a drawer pushed, reloaded and left by Back: the frame is another page's.
const shown = location.pathname + location.search;
if (!document.getElementById("drawer")) {
  addEventListener("popstate", () => { if (location.pathname + location.search !== shown) location.reload(); });
}

// A text that is shown once goes to the clipboard.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
  button.textContent = button.dataset.copied;
});
