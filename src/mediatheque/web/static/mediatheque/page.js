// What the other modules share: the token, toasts, calls of the API.

const words = document.body.dataset;

export const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

export function cookie(name) {
  return document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) || "";
}

/** A call of the API in this page's space; throws when it is refused. */
export async function call(method, path, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken"), "X-Space": words.space };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** A note at the foot of the page; `undo` is what its button does. Without one it leaves by itself. */
export function toast(text, undo) {
  const note = document.createElement("div");
  note.className = "toast";
  note.setAttribute("role", undo === undefined ? "alert" : "status");
  note.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm" });
    button.textContent = words.undo;
    button.dataset.key = "u";
    button.addEventListener("click", () => { note.remove(); undo(); });
    note.append(button);
  }
  const room = document.getElementById("toasts");
  room.replaceChildren(note);
  leave(note);
}

/** Six seconds, unless someone is at it. */
export function leave(note) {
  setTimeout(() => { if (note.matches(":hover, :focus-within")) leave(note); else note.remove(); }, 6000);
}
