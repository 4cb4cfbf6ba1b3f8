// What HTML and htmx do not do by themselves. Every page works without this file.

const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(`${name}=`))?.slice(name.length + 1);
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = cookie("csrftoken") || "";
});

// A refused request says so in a toast; 422 is swapped in place and stays at its field.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 422) toast(document.body.dataset.failed);
});

function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.setAttribute("role", "alert");
  note.textContent = text;
  document.getElementById("toasts").replaceChildren(note);
  setTimeout(() => note.remove(), 8000);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const field = document.getElementById("q");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "Escape" && document.querySelector(".drawer[data-pushed]")) {
    history.back();
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
  // Only one menu is open at a time, and none after a click elsewhere.
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
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

// The drawer has its own address. Ours, because htmx's own push loses it on Forward.
const drawer = document.getElementById("drawer");
const wide = matchMedia("(width >= 60rem)");
let opener = null;

async function openDrawer(address, push) {
  const answer = await fetch(address, { headers: { "HX-Request": "true", "X-Drawer": "true" } });
  if (!answer.ok) { location.assign(address); return; }
  drawer.innerHTML = await answer.text();
  drawer.firstElementChild.dataset.pushed = "yes";
  if (push) history.pushState({ drawer: address }, "", address);
  drawer.querySelector("h2")?.focus();
}

if (drawer) {
  const list = location.href;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (link && wide.matches && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      document.querySelector("a[data-drawer][aria-current]")?.removeAttribute("aria-current");
      link.setAttribute("aria-current", "true");
      opener = link;
      const replace = Boolean(history.state?.drawer);
      openDrawer(link.href, !replace).then(() => {
        if (replace) history.replaceState({ drawer: link.href }, "", link.href);
      });
    }
    if (event.target.closest("[data-drawer-close]") && history.state?.drawer) { event.preventDefault(); history.back(); }
  });
  addEventListener("popstate", (event) => {
    if (event.state?.drawer) { openDrawer(event.state.drawer, false); return; }
    if (location.href !== list) { location.reload(); return; }
    drawer.replaceChildren();
    opener?.removeAttribute("aria-current");
    opener?.focus();
  });
}
