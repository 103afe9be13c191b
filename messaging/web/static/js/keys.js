// Letters for those who work here all day: j k Enter in lists, r e b in a thread, / to search, ? for help.
// They rest while somebody writes, and whoever is disturbed by them (speech input, say) can switch them off in the help.

const OFF = "keys-off";
const help = document.getElementById("keys-help");
const toggle = document.getElementById("keys-on");

const actions = {
  j: () => step(1),
  k: () => step(-1),
  r: () => document.getElementById("text")?.focus(),
  e: () => document.querySelector("#settling button")?.click(),
  b: () => document.querySelector("a.to-card")?.click(),
  l: () => document.querySelector("a.to-list")?.click(),
  "/": () => document.querySelector("[data-search]")?.click(),
  "?": () => help?.showModal(),
};

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next]?.focus();
}

function isWriting(target) {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

document.addEventListener("keydown", (event) => {
  const held = event.ctrlKey || event.metaKey || event.altKey;
  if (held || isWriting(event.target) || (localStorage.getItem(OFF) && event.key !== "?")) return;
  const act = actions[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.getElementById("keys-open")?.addEventListener("click", () => help?.showModal());
if (toggle) {
  toggle.checked = !localStorage.getItem(OFF);
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}
