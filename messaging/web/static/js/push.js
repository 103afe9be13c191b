// Lets the phone tell of new messages. It is asked for only when somebody taps, never when a page opens.

const PATIENCE = 15000; // milliseconds that the browser may take

const on = document.getElementById("push-on");
const off = document.getElementById("push-off");
const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function say(id) {
  for (const one of ["push-denied", "push-failed"]) document.getElementById(one).hidden = one !== id;
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function isFor(subscription, key) {
  const given = subscription.options?.applicationServerKey;
  return given && new Uint8Array(given).join() === key.join();
}

function inTime(promise) {
  return Promise.race([promise, new Promise((_, refuse) => setTimeout(refuse, PATIENCE))]);
}

// A browser that has subscribed for another key, before ours was changed, subscribes anew.
async function subscribe(key) {
  const { pushManager } = await inTime(navigator.serviceWorker.ready);
  const known = await pushManager.getSubscription();
  if (known && isFor(known, key)) return known;
  await known?.unsubscribe();
  return inTime(pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
}

async function turnOn(event) {
  event.preventDefault();
  const button = on.querySelector("button");
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      say("push-denied");
      return;
    }
    on.elements.subscription.value = JSON.stringify(await subscribe(bytes(on.dataset.key)));
    on.submit();
  } catch {
    say("push-failed");
  } finally {
    button.disabled = false;
  }
}

// The service forgets the phone whether or not its browser does.
async function turnOff(event) {
  event.preventDefault();
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
  } catch {
    // the push service finds out by itself
  }
  off.submit();
}

if (on && canPush) {
  document.getElementById("push-cannot").hidden = true;
  on.hidden = false;
  on.addEventListener("submit", turnOn);
}
if (off && canPush) off.addEventListener("submit", turnOff);
