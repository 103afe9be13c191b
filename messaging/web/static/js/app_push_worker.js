// What the phone shows when it is knocked at: that there is something new, and nothing of what. A tap opens the app.

addEventListener("push", (event) => event.waitUntil(showNotice()));

async function showNotice() {
  const language = await outbox.recall("language").catch(() => null);
  const { title, body } = SHELL.notice[language] ?? SHELL.notice.da;
  await registration.showNotification(title, { body, icon: SHELL.icon, tag: "message", lang: language ?? "da" });
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openApp());
});

async function openApp() {
  const windows = await clients.matchAll({ type: "window" });
  const shown = windows.find(({ url }) => new URL(url).pathname.startsWith("/app"));
  if (!shown) return clients.openWindow("/app");
  // A thread that is open looks by itself, and what she is writing there stays.
  if (new URL(shown.url).pathname !== "/app") await shown.navigate("/app").catch(() => {}); // at least it is shown
  return shown.focus();
}
