// Keeps a page up to date: the stream says that something happened to a citizen, and the page then fetches itself and
// takes over the parts marked `data-live`. What somebody is writing, and where they are, stays untouched.

const SETTLE = 300; // milliseconds in which several events become one look
// Milliseconds after which a page with a pending journal badge looks again; each time twice as long, up to the longest.
const JOURNAL = 4000;
const LONGEST = 60000;
const AGAIN = 2000; // milliseconds until a stream that was refused is asked for again
const REACHABLE = "a[href], button, input, select, summary, textarea";

const citizen = document.body.dataset.citizen ?? "";
// A page that answers a form says where it can be asked for; the form's own address may know no such question.
const address = document.body.dataset.address ?? location.href;
// A thread proves by this that its reader has opened it, which is in the audit trail.
const opening = document.body.dataset.opened || "1";
let timer = 0;
let journal = JOURNAL;
let missed = false;
let stream;
let opened = false;
let ended = false;
let again = AGAIN;

function look(delay) {
  clearTimeout(timer);
  timer = setTimeout(refresh, delay);
}

// A hidden page has not been seen by anybody: it looks when it is shown again.
async function refresh() {
  if (document.hidden) {
    missed = true;
    return;
  }
  missed = false;
  try {
    const answer = await fetch(address, { headers: { "X-Live": opening }, credentials: "same-origin" });
    if (answer.redirected) {
      over();
    } else if (answer.ok) {
      takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
  } catch {
    look(JOURNAL); // the connection is away; the stream tells when it is back
  }
}

function takeOver(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    if (!now) continue;
    if (part instanceof HTMLInputElement) {
      part.value = now.value;
    } else if (part.innerHTML !== now.innerHTML) {
      replaceChildren(part, now);
    }
  }
  watchJournal();
}

// What somebody has asked to see, unfolded or begun to write inside a part is there afterwards too.
function keepBegun(part, now) {
  const fresh = (element) => now.querySelector(`#${CSS.escape(element.id)}`);
  for (const shown of part.querySelectorAll("[data-kept]")) fresh(shown)?.replaceWith(shown);
  for (const unfolded of part.querySelectorAll("details[id][open]")) fresh(unfolded)?.setAttribute("open", "");
  for (const field of part.querySelectorAll("input[id], textarea[id]")) {
    const empty = field.value !== field.defaultValue ? fresh(field) : null;
    if (empty) empty.value = field.value;
  }
}

// Where the focus is: something with a name, or what stands at this place and says the same within what has a name.
function placeOf(focused) {
  if (focused.id) return () => document.getElementById(focused.id);
  const home = focused.closest("[id]");
  const at = [...home.querySelectorAll(REACHABLE)].indexOf(focused);
  return () => {
    const found = document.getElementById(home.id)?.querySelectorAll(REACHABLE)[at];
    return found && said(found) === said(focused) ? found : null;
  };
}

function said(element) {
  return `${element.getAttribute("aria-label")} ${element.textContent}`;
}

// The focus stays where it was, if that is still there.
function replaceChildren(part, now) {
  const focused = part.contains(document.activeElement) ? placeOf(document.activeElement) : null;
  keepBegun(part, now);
  const atEnd = window.innerHeight + window.scrollY > document.body.scrollHeight - 80;
  part.replaceChildren(...now.childNodes);
  focused?.()?.focus({ preventScroll: true });
  if (citizen && atEnd) document.getElementById("newest")?.scrollIntoView({ block: "end" });
}

// Receipts come within seconds and are no event of their own; nor is it one that something has waited too long.
function watchJournal() {
  if (!document.querySelector("[data-journal-pending], [data-pending]")) return;
  look(journal);
  journal = Math.min(2 * journal, LONGEST);
}

function over() {
  ended = true;
  stream.close();
  document.getElementById("session-over")?.removeAttribute("hidden");
}

// A browser connects again by itself after the line was away, but gives up for good when it is answered with an error,
// as by a server that is full: the page then tries again, less and less often, and sees whether its session is over.
function listen() {
  stream = new EventSource("/live");
  stream.addEventListener("open", () => {
    if (opened) look(0); // something may have happened while the connection was away
    opened = true;
    again = AGAIN;
  });
  stream.addEventListener("change", (event) => {
    journal = JOURNAL;
    if (!citizen || !event.data || event.data === citizen) look(SETTLE);
  });
  stream.addEventListener("over", over);
  stream.addEventListener("error", () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    opened = true; // whatever happens until then is looked for
    setTimeout(() => {
      if (ended) return;
      look(0);
      listen();
    }, again * (0.5 + Math.random()));
    again = Math.min(2 * again, LONGEST);
  });
}

listen();
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && missed) look(0);
});
watchJournal();
