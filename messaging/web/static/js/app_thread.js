// Keeps the citizen's thread up to date: it looks again now and then while it is shown, and takes over what is new.

const EVERY = 10000; // milliseconds
const messages = document.getElementById("messages");
let timer = 0;

async function look() {
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (answer.redirected) location.reload(); // signed out meanwhile: the page that says so
    else if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // no connection now; the next look comes anyway
  }
}

// Only what is new is put in, so that a screen reader reads that and nothing twice.
function takeOver(fresh) {
  const list = messages.querySelector(".bubbles");
  for (const bubble of fresh.querySelectorAll("#messages .bubble")) {
    const shown = document.getElementById(bubble.id);
    if (!shown) list.append(bubble);
    else if (shown.innerHTML !== bubble.innerHTML) shown.replaceChildren(...bubble.childNodes);
  }
  if (list.children.length) messages.querySelector(".empty")?.remove();
}

if (messages) {
  timer = setTimeout(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
