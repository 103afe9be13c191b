// Reads a message or a meeting aloud, by a voice that lies on the phone and speaks its language: other voices send what they
// read to their maker. Where there is no such voice there is no button. All that changes stands on the place itself, not in
// it, so that a thread that is brought up to date sees nothing new in it.

const speech = globalThis.speechSynthesis;
const told = document.getElementById("aloud-told");
let reading = null; // what is being read: its place

function voiceOf(language) {
  return speech
    .getVoices()
    .find((voice) => voice.localService === true && voice.lang.split(/[-_]/)[0].toLowerCase() === language);
}

// What is to be read of a place, in stretches of one language.
function stretches(place) {
  const found = [];
  for (const piece of place.querySelectorAll("[data-say]")) {
    const texts = document.createTreeWalker(piece, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const words = texts.currentNode.data.replace(/\s+/g, " ").trim();
      if (!words) continue;
      const { lang } = texts.currentNode.parentElement.closest("[lang]");
      const last = found.at(-1);
      if (last?.language === lang) last.words += `\n${words}`;
      else found.push({ language: lang, words });
    }
  }
  return found;
}

function offer() {
  for (const place of document.querySelectorAll("[data-aloud]")) {
    place.toggleAttribute("data-can-read", stretches(place).every(({ language }) => voiceOf(language)));
  }
}

function read(place) {
  const run = { place };
  const spoken = stretches(place).map(({ language, words }) => {
    const said = new SpeechSynthesisUtterance(words);
    said.voice = voiceOf(language) ?? null;
    said.lang = language;
    said.onerror = () => reading === run && stop(told.dataset.failed);
    return said;
  });
  if (!spoken.every((said) => said.voice)) return; // the voice has gone meanwhile, and another one may not be taken
  reading = run;
  place.dataset.reading = "";
  told.textContent = told.dataset.begun;
  spoken.at(-1).onend = () => reading === run && stop("");
  for (const said of spoken) speech.speak(said);
}

function stop(why) {
  if (reading) delete reading.place.dataset.reading;
  reading = null;
  told.textContent = why;
  speech.cancel();
}

function press(event) {
  const place = event.target.closest(".aloud")?.closest("[data-aloud]");
  if (!place) return;
  const isStop = reading?.place === place;
  if (reading) stop("");
  if (!isStop) read(place);
}

if (speech && told) {
  speech.cancel(); // what another page of ours had begun
  offer();
  speech.addEventListener("voiceschanged", offer);
  new MutationObserver(offer).observe(document.querySelector("main"), { childList: true, subtree: true });
  document.addEventListener("click", press);
  addEventListener("pagehide", () => stop(""));
  document.addEventListener("visibilitychange", () => document.hidden && stop(""));
}
