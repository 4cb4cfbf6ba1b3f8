// Before the first paint: the theme that the person chose, or a trial of one (?theme=dark).
const root = document.documentElement;
const trial = new URLSearchParams(location.search).get("theme");
const chosen = trial || root.dataset.chosen;
if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
