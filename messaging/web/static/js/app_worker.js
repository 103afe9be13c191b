// The app without a connection: the shell lies on the phone, and instead of a page that cannot be fetched stands one
// that says so. No page and nothing of a citizen is ever kept. `SHELL` is written before this by the service.

const KEPT = `shell-${SHELL.version}`;
const FILES = new Set(SHELL.files);

// Fetched without cookies, for what is kept is the same for everybody; what the browser has already it only asks after.
async function keep() {
  const cache = await caches.open(KEPT);
  const wanted = [...SHELL.files, ...Object.values(SHELL.pages)];
  await cache.addAll(wanted.map((path) => new Request(path, { cache: "no-cache", credentials: "omit" })));
}

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  await clients.claim();
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    const language = await outbox.recall("language").catch(() => null);
    return (await kept(SHELL.pages[language] ?? SHELL.pages.da)) ?? Response.error();
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await kept(new URL(request.url).pathname)) ?? Response.error();
  }
}

function kept(path) {
  return caches.match(path, { cacheName: KEPT, ignoreVary: true });
}

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  // The scope is only the beginning of a path, and pages of staff may begin so too.
  const isOurs = pathname === "/app" || pathname.startsWith("/app/");
  if (request.mode === "navigate" && isOurs) event.respondWith(page(request));
  else if (FILES.has(pathname)) event.respondWith(file(request));
});
// A new edition waits until she asks for it, so that nothing she is writing is lost.
addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
});
// The browser says that there is a connection again, also when the app is closed; what fails it tries again.
addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(sendWaiting());
});

async function sendWaiting() {
  if ((await outbox.send()) === "offline") throw new Error("no connection");
}
