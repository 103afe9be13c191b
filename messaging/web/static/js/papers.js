// Sends papers from a telephone: photos are made smaller first, and what is sent goes in pieces that may be sent again.
// Without this script the form sends the same files whole.

const EDGE = 2400; // pixels of the longest edge of a photo that is sent
const QUALITY = 0.85;
const TRIES = 8;
const SHRINKABLE = /^image\/(jpeg|png|webp|heic|heif)$/;

const form = document.querySelector("form[data-papers]");
const told = form?.querySelector("[data-told]");
const bar = form?.querySelector("[data-progress]");
const button = form?.querySelector("button[type=submit]");
let chosen = [];

const say = (words, values = {}) => {
  told.textContent = Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words);
};
const megabytes = (bytes) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(Math.max(bytes / 1048576, 0.1));
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Returns the photo as a smaller JPEG, or as it is where the browser cannot read it. One that need not lose pixels also
// stays if it would only grow; one with more, such as a screenshot of few bytes, is what the inspection would choke on.
async function shrunk(file) {
  if (!SHRINKABLE.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const smaller = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    canvas.width = canvas.height = 0;
    return smaller && (scale < 1 || smaller.size < file.size) ? new File([smaller], file.name, { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

// Several photos stand behind one another, each behind its length in eight bytes.
function asRow(files) {
  const parts = files.flatMap((file) => {
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(file.size));
    return [length.buffer, file];
  });
  return new File(parts, files[0].name, { type: form.dataset.photosType });
}

async function choose() {
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((field) => [...field.files]);
  chosen = [];
  bar.hidden = true;
  if (!files.length) return say("");
  if (files.length > 1 && (files.length > Number(form.dataset.most) || files.some((file) => !file.type.startsWith("image/")))) return say(form.dataset.onlyPhotos);
  button.disabled = true;
  chosen = await Promise.all(files.map(shrunk));
  button.disabled = false;
  const size = chosen.reduce((sum, file) => sum + file.size, 0);
  if (size > Number(form.dataset.largest)) {
    chosen = [];
    return say(form.dataset.tooLarge);
  }
  say(chosen.length > 1 ? form.dataset.several : form.dataset.one, { count: chosen.length, size: megabytes(size) });
}

// Asks again while the line is bad or we are busy; what the service refuses is refused for good.
async function ask(path, body, headers = {}) {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await fetch(`${form.dataset.address}/${form.elements.document_id.value}/${path}`, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": form.elements.csrf_token.value, ...headers },
        credentials: "same-origin",
        redirect: "error",
      });
      if (answer.ok) return await answer.json();
      if (answer.status < 500 && answer.status !== 429) throw new Error((await answer.json().catch(() => ({}))).why ?? form.dataset.failed, { cause: "refused" });
    } catch (error) {
      if (error.cause === "refused") throw error;
    }
    if (tries === TRIES) throw new Error(form.dataset.failed);
    say(form.dataset.again);
    await pause(Math.min(500 * 2 ** tries, 15000));
  }
}

async function send(file) {
  const about = new FormData();
  about.set("name", file.name);
  about.set("type", file.type);
  about.set("size", file.size);
  about.set("asked", form.elements.asked?.value ?? "");
  const { missing, piece } = await ask("begin", about);
  const all = Math.ceil(file.size / piece);
  let left = missing.length;
  for (const number of missing) {
    await ask(`pieces/${number}`, file.slice(number * piece, (number + 1) * piece), { "Content-Type": "application/octet-stream" });
    left -= 1;
    bar.value = Math.round((100 * (all - left)) / all);
    say(form.dataset.sending, { percent: bar.value });
  }
  return (await ask("finish", new FormData())).to;
}

async function submit(event) {
  if (!chosen.length) return; // nothing we have read: the form goes its own way, and the service says why not
  event.preventDefault();
  button.disabled = true;
  bar.hidden = false;
  bar.value = 0;
  try {
    location.assign(await send(chosen.length > 1 ? asRow(chosen) : chosen[0]));
  } catch (error) {
    say(error.message);
    told.tabIndex = -1;
    told.focus();
    bar.hidden = true;
    button.disabled = false;
  }
}

if (form) {
  form.addEventListener("change", (event) => event.target.type === "file" && choose());
  form.addEventListener("submit", submit);
  choose(); // on a slow line she may have chosen before this was here
}
