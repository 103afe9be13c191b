// Leaves the app at once for a page that tells nothing: by the button, which without this script is a plain link, or by Esc
// pressed three times. It stands in the head of every page, so that a page of ours which Back would show leaves again
// before anything of it is drawn. Whoever opens the app by herself comes in as ever: this signs nobody out.

{
  const TIMES = 3;
  const WITHIN = 2000; // milliseconds
  const LEFT = "left";
  const { to } = document.currentScript.dataset;
  let pressed = [];
  let isLeaving = false;

  function leave() {
    isLeaving = true;
    document.documentElement.dataset.left = "";
    document.title = new URL(to).host;
    globalThis.speechSynthesis?.cancel();
    remember(true);
    location.replace(to);
  }

  function remember(hasLeft) {
    try {
      if (hasLeft) sessionStorage.setItem(LEFT, "yes");
      else sessionStorage.removeItem(LEFT);
    } catch {
      // a browser that keeps nothing: only the page she left is out of its history
    }
  }

  function hasLeft() {
    try {
      return sessionStorage.getItem(LEFT) !== null;
    } catch {
      return false;
    }
  }

  function press(event) {
    if (isLeaving) event.preventDefault(); // one more Esc would stop the other page from coming
    if (isLeaving || event.key !== "Escape" || event.repeat) return;
    pressed = [...pressed.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (pressed.length === TIMES) leave();
  }

  const came = performance.getEntriesByType("navigation")[0]?.type;
  if (came === "back_forward" && hasLeft()) leave();
  else remember(false);
  addEventListener("pageshow", (event) => event.persisted && hasLeft() && leave());
  addEventListener("keydown", press, true);
  addEventListener("click", (event) => {
    if (!event.target.closest?.("#leave")) return;
    event.preventDefault();
    leave();
  });
}
