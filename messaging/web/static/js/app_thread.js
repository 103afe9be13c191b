// Keeps the citizen's thread up to date: it looks again now and then while it is shown, and takes over what is new. What
// she writes goes into the outbox and from there to us, so that it survives a lost connection and is sent once.

import { isWriting, send } from "./app_shell.js";

const EVERY = 10000; // milliseconds
const messages = document.getElementById("messages");
const form = document.querySelector("form[data-answer]");
let key = keyOf(form); // of the session in which she writes
let timer = 0;
let isAdding = false;
let isRefused = false; // something she wrote here was not taken

function keyOf(drawn) {
  return { session: drawn?.dataset.session, public: drawn?.dataset.key };
}

async function look() {
  clearTimeout(timer);
  timer = setTimeout(look, EVERY);
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (answer.redirected) over(answer.url);
    else if (answer.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // no connection now; the next look comes anyway
  }
}

// Signed out meanwhile: the page that says so, unless it would take what she is writing. It says too what was not sent.
function over(ways) {
  if (isWriting()) {
    document.getElementById("sign-in-again").hidden = false;
    return;
  }
  const led = new URL(ways);
  if (isRefused) led.searchParams.set("unsent", "yes");
  location.replace(led);
}

// Only what is new is put in, so that a screen reader reads that and nothing twice.
function takeOver(fresh) {
  const list = messages.querySelector(".bubbles");
  for (const bubble of fresh.querySelectorAll("#messages .bubble")) {
    const shown = document.getElementById(bubble.id);
    if (!shown) list.insertBefore(bubble, list.querySelector("[data-waits]"));
    else if (shown.innerHTML !== bubble.innerHTML) shown.replaceChildren(...bubble.childNodes);
  }
  for (const sent of list.querySelectorAll("[data-waits=sent]")) sent.remove();
  if (list.children.length) messages.querySelector(".empty")?.remove();
  const [help, offered] = [document.getElementById("help"), fresh.getElementById("help")];
  if (help && offered && !help.contains(document.activeElement)) help.replaceChildren(...offered.childNodes);
  key = keyOf(fresh.querySelector("form[data-answer]")); // another one if she came in again meanwhile
}

// What was just written stands in the thread while this page is open; the phone itself keeps only what it cannot read.
function show(id, text) {
  const bubble = document.getElementById("to-send").content.cloneNode(true).firstElementChild;
  bubble.id = id;
  bubble.querySelector(".bubble-text").textContent = text;
  messages.querySelector(".bubbles").append(bubble);
  messages.querySelector(".empty")?.remove();
  bubble.scrollIntoView({ block: "nearest" });
}

async function write(event) {
  const { text } = form.elements;
  if (!text.value.trim()) return; // the service says what is wrong
  event.preventDefault();
  if (isAdding) return;
  isAdding = true;
  const id = crypto.randomUUID();
  show(id, text.value);
  try {
    await outbox.add(text.value, id, key);
  } catch {
    document.getElementById(id).remove();
    form.submit(); // this browser keeps nothing: the form goes as it would without script
    return;
  } finally {
    isAdding = false;
  }
  text.value = "";
  text.focus();
  navigator.serviceWorker?.ready.then((registration) => registration.sync?.register("outbox")).catch(() => {});
  await send();
}

function hear({ id, what }) {
  const bubble = document.getElementById(id);
  if (bubble) {
    bubble.dataset.waits = what;
    bubble.querySelector(".bubble-foot").textContent = what === "sent" ? bubble.dataset.sent : bubble.dataset.refused;
  }
  if (what !== "sent") isRefused = true;
  if (what !== "refused") look(); // what was sent stands in the thread; where nothing can be sent any more, she is out
}

if (messages) {
  timer = setTimeout(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
if (key.public && globalThis.crypto?.subtle) {
  outbox.remember("key", key).catch(() => {}); // for what she writes when the app is opened without a connection
  form.addEventListener("submit", write);
  outbox.listen(hear);
}
