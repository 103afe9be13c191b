// Lets the phone make or prove a passkey: asks us for a challenge, the phone for an answer, and sends that as a form.

const form = document.querySelector("form[data-passkey]");

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function named(credentials = []) {
  return credentials.map((one) => ({ ...one, id: bytes(one.id) }));
}

async function question() {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  const answer = await fetch(form.dataset.question, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error("no challenge");
  return answer.json();
}

async function make(asked) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    },
  });
  return plain(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
}

async function prove(asked) {
  const proved = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });
  return plain(proved, {
    authenticatorData: text(proved.response.authenticatorData),
    signature: text(proved.response.signature),
    userHandle: proved.response.userHandle ? text(proved.response.userHandle) : null,
  });
}

function plain(credential, more) {
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...more },
  });
}

async function begin(event) {
  if (form.elements.answer.value) return; // answered: let the form go
  event.preventDefault();
  const failed = form.querySelector("[data-failed]");
  const button = form.querySelector("button");
  failed.hidden = true;
  button.disabled = true;
  try {
    const asked = await question();
    form.elements.answer.value = await (form.dataset.passkey === "create" ? make(asked) : prove(asked));
    form.requestSubmit();
  } catch {
    failed.hidden = false; // said no, took too long, or the phone cannot; the person may try again
  } finally {
    button.disabled = false;
  }
}

async function offer() {
  if (!window.PublicKeyCredential || !form) return;
  const can = await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.();
  if (!can) return;
  form.hidden = false;
  document.querySelector("[data-cannot]").hidden = true;
  form.addEventListener("submit", begin);
}

offer();
