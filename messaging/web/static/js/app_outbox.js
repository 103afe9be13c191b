// What a citizen writes waits here until it is sent, also without a connection and when the app is closed. It is sealed
// to the service: nothing on the phone, nor the app itself, can read it again. The service says how it is sealed
// (citizen_app/outbox_keys.py). For the pages and for the service worker.

const outbox = (() => {
  const STORAGE = "app";
  const LONGEST = 30000; // milliseconds to wait for an answer
  const CURVE = { name: "ECDH", namedCurve: "P-256" };
  const ONCE = new Uint8Array(12); // each key seals one message
  // What an answer means for the message: it is there, it will never be, or it waits on.
  const MEANS = { 401: "signed out", 409: "refused", 410: "over", 413: "refused", 422: "refused" };

  function open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(STORAGE, 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("known");
        asked.result.createObjectStore("waiting", { keyPath: "place", autoIncrement: true });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  // Opened for each use and closed after it, so that whoever empties the storage need not wait.
  async function within(store, mode, work) {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode, { durability: "strict" });
        const asked = work(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  // After signing out there is no storage, and none is made by looking into it or taking from it.
  async function ifThere(store, mode, work) {
    const isThere = !indexedDB.databases || (await indexedDB.databases()).some(({ name }) => name === STORAGE);
    return isThere ? within(store, mode, work) : undefined;
  }

  const remember = (name, value) => within("known", "readwrite", (store) => store.put(value, name));
  const recall = (name) => ifThere("known", "readonly", (store) => store.get(name));
  const count = async () => (await ifThere("waiting", "readonly", (store) => store.count())) ?? 0;
  const next = async () => (await ifThere("waiting", "readonly", (store) => store.getAll(null, 1)))?.[0];
  const remove = (message) => ifThere("waiting", "readwrite", (store) => store.delete(message.place));

  const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const textOf = (bytes) =>
    btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), "")).replace(/\+/g, "-").replace(/\//g, "_");

  async function seal(text, id, key) {
    const place = new TextEncoder().encode(`outbox ${key.session} ${id}`);
    const theirs = await crypto.subtle.importKey("raw", bytesOf(key.public), CURVE, false, []);
    const ours = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
    const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
    const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    const once = await crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt: point, info: place },
      material,
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt"],
    );
    const said = new TextEncoder().encode(text);
    const content = await crypto.subtle.encrypt({ name: "AES-GCM", iv: ONCE, additionalData: place }, once, said);
    return textOf(new Uint8Array([...point, ...new Uint8Array(content)]));
  }

  // `key` is of the session in which it is written: { session, public }.
  async function add(text, id, key) {
    const sealed = await seal(text, id, key);
    await within("waiting", "readwrite", (store) => store.add({ id, session: key.session, sealed }));
  }

  async function post({ id, session, sealed }) {
    try {
      const answer = await fetch("/app/outbox", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Outbox": "1" },
        body: JSON.stringify({ id, session, sealed }),
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout?.(LONGEST),
      });
      // Whatever stands between may say 200 too: only the service knows the id.
      if (answer.status === 200) return (await answer.json()).id === id ? "sent" : "offline";
      return MEANS[answer.status] ?? "offline";
    } catch {
      return "offline";
    }
  }

  // One at a time and in the order in which they were written, whoever else sends now: pages and service worker take
  // turns. Says how it went on: "empty", "offline" or "signed out".
  function send() {
    return navigator.locks ? navigator.locks.request("outbox", sendAll) : sendAll();
  }

  async function sendAll() {
    for (let message = await next(); message; message = await next()) {
      const what = await post(message);
      if (what === "offline" || what === "signed out") return what;
      await remove(message);
      tell({ id: message.id, what });
    }
    return "empty";
  }

  // Every page of the app hears what became of a message, whoever sent it.
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel("outbox") : null;
  const listeners = [];

  function tell(news) {
    channel?.postMessage(news);
    for (const listener of listeners) listener(news);
  }

  function listen(listener) {
    listeners.push(listener);
    channel?.addEventListener("message", (event) => listener(event.data));
  }

  return { add, count, listen, recall, remember, send };
})();
