// The page for when there is no connection: what is written here waits in the outbox, and the page gives way to the one
// that was asked for as soon as we can be reached. A phone that says it is online may still be without a connection.

import { isWriting, send } from "./app_shell.js";

const LONGEST = 60000; // milliseconds between two looks
const LETTERS = /(?:^|; )borgerdialog-letters=(large|largest)(?:;|$)/;
const form = document.querySelector("form[data-answer]");
const { text } = form.elements;
let pause = 2500;
let timer = 0;
let isAdding = false;

async function look() {
  clearTimeout(timer);
  pause = Math.min(2 * pause, LONGEST);
  timer = setTimeout(look, pause);
  const answer = await fetch("/app/manifest.webmanifest", { cache: "no-store" }).catch(() => null);
  if (answer?.ok && !isWriting()) location.reload();
}

async function write(event) {
  event.preventDefault();
  if (isAdding || !text.value.trim()) return;
  isAdding = true;
  try {
    await outbox.add(text.value, crypto.randomUUID(), await outbox.recall("key"));
    text.value = "";
    text.focus();
  } finally {
    isAdding = false;
  }
  await send();
}

// The page is kept for everybody alike, and the size of letters that was chosen lies on the phone.
const [, size] = LETTERS.exec(document.cookie) ?? [];
if (size) document.documentElement.dataset.letters = size;
timer = setTimeout(look, pause);
addEventListener("online", look);
form.addEventListener("submit", write);
form.hidden = !(await outbox.recall("key").catch(() => null));
