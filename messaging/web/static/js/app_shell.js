// On every page of the app of somebody who is signed in: keeps the shell on the phone for when there is no connection,
// and says when there is a new edition. That comes when she asks for it, and never while she is writing.

const HOUR = 3600000; // milliseconds
const newer = document.getElementById("newer");
let asked = false;
let looked = Date.now();

export function isWriting() {
  return [...document.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
}

function offer(worker) {
  if (!newer) return;
  newer.hidden = false;
  newer.querySelector("button").onclick = () => {
    if (isWriting()) {
      newer.querySelector(".newer-wait").hidden = false;
      return;
    }
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

if ("serviceWorker" in navigator && "here" in document.body.dataset) {
  outbox.remember("language", document.documentElement.lang).catch(() => {});
  install().catch(() => {}); // the pages work without it
}
