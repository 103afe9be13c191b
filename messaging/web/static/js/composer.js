// The form under a thread: says while one writes how long the text is, and sends it so that it survives a lost
// connection. The form carries its own id, so however often it is sent it is one message.

const PAUSE = 400; // milliseconds of not writing after which the text is measured
const AGAIN = 5000; // milliseconds between two tries without a connection

const SENDS = new Set(["send", "send_app"]); // what the other buttons do is only draw the form anew

let measuring = 0;
let again = 0;
let sending = null; // what is on its way, until it has been answered
let asking = false; // whether an answer is being waited for now

const form = () => document.querySelector("form#reply"); // none where nothing may be sent
const size = () => document.getElementById("size");

async function measure() {
  const fields = new FormData(form());
  const body = new URLSearchParams({ text: fields.get("text"), csrf_token: fields.get("csrf_token") });
  try {
    const answer = await fetch(form().dataset.measure, { method: "POST", body, credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && !answer.redirected && form().elements.text.value === body.get("text")) {
      size().replaceChildren(...fresh.body.childNodes);
    }
  } catch {
    size().replaceChildren(); // what stood there was of another text
  }
}

async function attempt() {
  if (!sending || asking) return;
  clearTimeout(again);
  asking = true;
  let answer = null;
  try {
    answer = await fetch(sending.to, { method: "POST", body: sending.fields, credentials: "same-origin" });
  } catch {
    // the connection is away: the text stays, and is sent again
  }
  asking = false;
  if (answer && answer.status < 500) {
    await conclude(answer);
  } else if (SENDS.has(sending.fields.get("action"))) {
    say("offline");
    again = setTimeout(attempt, AGAIN);
  } else {
    sending = null;
    lock(false);
  }
}

async function conclude(answer) {
  sending = null;
  const { thread } = form().dataset;
  if (answer.redirected && new URL(answer.url).pathname === thread) {
    location.href = `${thread}#newest`;
    if (location.pathname === thread) location.reload(); // only the place on the page was another
  } else if (answer.redirected || answer.status === 400) {
    say("signedOut");
    lock(false);
  } else {
    takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
}

// What the service has to say about the text stands in the form it answers with.
function takeOver(fresh) {
  const drawn = fresh.getElementById("reply");
  if (!drawn) {
    say("signedOut");
    lock(false);
    return;
  }
  form().replaceWith(drawn);
  if (!form()) return;
  watch();
  drawn.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
  drawn.elements.text.focus({ preventScroll: true });
}

function say(word) {
  const status = document.getElementById("reply-status");
  status.textContent = document.getElementById("reply-words").dataset[word];
  status.hidden = false;
}

// The buttons keep the focus: whoever pressed one by keyboard is still there when the answer comes.
function lock(locked) {
  for (const button of form().querySelectorAll("button")) button.setAttribute("aria-disabled", String(locked));
  form().elements.text.readOnly = locked;
}

function send(event) {
  event.preventDefault();
  if (sending) return;
  const fields = new URLSearchParams(new FormData(form()));
  fields.set("action", event.submitter?.value || "send"); // the others only draw the form anew
  sending = { to: form().getAttribute("action"), fields }; // a button is named action too
  lock(true);
  if (SENDS.has(fields.get("action"))) say("sending");
  attempt();
}

function watch() {
  form().addEventListener("submit", send);
  form().elements.text.addEventListener("input", () => {
    clearTimeout(measuring);
    measuring = setTimeout(measure, PAUSE);
  });
}

if (form()) {
  watch();
  addEventListener("online", attempt);
  addEventListener("beforeunload", (event) => {
    if (sending) event.preventDefault();
  });
}
