// On every page of the app of somebody who is signed in: sends what waits, keeps the shell on the phone for when there
// is no connection, and says when there is a new edition. That comes when she asks for it, and never while she writes.

const HOUR = 3600000; // milliseconds
const AGAIN = 5000; // milliseconds until the next try to send; each time twice as long, up to the longest
const LONGEST = 60000;
const PATIENCE = 5000; // milliseconds that signing out waits for what is being sent

const isHere = "here" in document.body.dataset;
const waiting = document.getElementById("waiting");
const newer = document.getElementById("newer");
let asked = false;
let looked = Date.now();
let again = 0;
let pause = AGAIN;

// Sends what waits and says what still does.
export async function send() {
  clearTimeout(again);
  const state = await outbox.send();
  await show(state);
  if (state === "offline") again = setTimeout(trySending, pause);
  pause = state === "offline" ? Math.min(2 * pause, LONGEST) : AGAIN;
}

// What failed without a connection says nothing of the one that is back.
function tryAnew() {
  pause = AGAIN;
  trySending();
}

function trySending() {
  send().catch(() => {}); // a browser that keeps nothing has nothing to send
}

async function show(state) {
  const number = await outbox.count();
  const words = waiting.dataset;
  document.getElementById("sign-in-again").hidden = state !== "signed out";
  if (!number) waiting.textContent = "";
  else waiting.textContent = (number === 1 ? words.one : words.several).replace("#", number);
}

export function isWriting() {
  const fields = document.querySelectorAll("textarea, input:not([type=hidden])");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

// Signing out takes what waits from the phone: it is sent first, and what cannot be is said.
async function leave(event) {
  const form = event.target.closest("form[data-leaves]");
  if (!form || form.dataset.sure) return;
  event.preventDefault();
  await Promise.race([send().catch(() => {}), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  const number = await outbox.count().catch(() => 0);
  form.dataset.sure = "yes";
  if (number) document.getElementById("not-sent").hidden = false;
  else form.requestSubmit(event.submitter);
}

// Where the browser can put the app on the home screen by itself, one button does.
addEventListener("beforeinstallprompt", (event) => {
  const button = document.getElementById("install");
  if (!button) return;
  event.preventDefault();
  button.hidden = false;
  button.onclick = () => {
    button.hidden = true;
    event.prompt();
  };
});

function offer(worker) {
  newer.hidden = false;
  newer.querySelector("button").onclick = () => {
    newer.querySelector(".newer-wait").hidden = !isWriting();
    if (isWriting()) return;
    asked = true;
    worker.postMessage("take over");
  };
}

function watch(registration) {
  const isUpdate = () => Boolean(navigator.serviceWorker.controller);
  if (registration.waiting && isUpdate()) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming.addEventListener("statechange", () => {
      if (coming.state === "installed" && isUpdate()) offer(coming);
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || Date.now() - looked < HOUR) return;
    looked = Date.now();
    registration.update().catch(() => {}); // no connection now; another time
  });
}

async function install() {
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (asked) location.reload();
  });
  watch(await navigator.serviceWorker.register("/app/service-worker.js", { scope: "/app", updateViaCache: "none" }));
}

// Whoever signs out on this page leaves nothing behind: what is kept is kept only while she is in.
if (isHere) {
  outbox.remember("language", document.documentElement.lang).catch(() => {});
  if ("serviceWorker" in navigator) install().catch(() => {}); // the pages work without it
}
if (waiting) {
  outbox.listen(({ what }) => {
    if (what !== "sent") document.getElementById("refused").hidden = false;
    show().catch(() => {});
  });
  addEventListener("online", tryAnew);
  document.addEventListener("visibilitychange", () => document.hidden || trySending());
  document.addEventListener("submit", leave);
  trySending();
}
