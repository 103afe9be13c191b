// What the app keeps on the phone, for its pages and for its service worker: the language of the pages.

const outbox = (() => {
  const NAME = "app";

  function open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
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

  function remember(name, value) {
    return within("known", "readwrite", (store) => store.put(value, name));
  }

  function recall(name) {
    return within("known", "readonly", (store) => store.get(name));
  }

  return { remember, recall };
})();
