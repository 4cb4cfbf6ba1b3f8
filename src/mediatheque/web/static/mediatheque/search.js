// Finds while a person types: a list box under the field of the top bar. Enter without a choice sends the form.

const field = document.getElementById("q");
const form = field?.form;
const box = document.getElementById("finds");
const said = document.getElementById("finds-said");
const PAUSE = 120;
let timer, asked;

const options = () => [...box.querySelectorAll("a[role=option]")];
const chosen = () => box.querySelector("[aria-selected=true]");

function close() {
  clearTimeout(timer);
  asked?.abort();
  box.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) { field.removeAttribute("aria-activedescendant"); return; }
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function find() {
  asked?.abort();
  const typed = field.value.trim();
  if (!typed) { close(); return; }
  asked = new AbortController();
  try {
    const address = `${form.dataset.finds}?${new URLSearchParams({ q: typed })}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: asked.signal });
    if (!answer.ok || answer.redirected) return;
    box.innerHTML = await answer.text();
  } catch {
    return; // overtaken by a later letter, or offline: the form still works
  }
  field.removeAttribute("aria-activedescendant");
  box.hidden = false;
  field.setAttribute("aria-expanded", "true");
  said.textContent = box.querySelector("[data-said]").dataset.said;
}

if (form?.dataset.finds) {
  const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": "finds", "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(find, PAUSE); });
  field.addEventListener("focus", () => { if (field.value.trim()) find(); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      if (box.hidden) field.blur(); else { event.preventDefault(); close(); }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (box.hidden) { find(); return; }
      const all = [null, ...options()];
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all.at((all.indexOf(chosen()) + step) % all.length));
    } else if (event.key === "Enter" && !box.hidden && chosen()) {
      event.preventDefault();
      chosen().click();
    }
  });
  document.addEventListener("focusin", (event) => { if (!form.contains(event.target)) close(); });
  document.addEventListener("pointerdown", (event) => { if (!form.contains(event.target)) close(); });
}
