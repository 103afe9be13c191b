// The page for when there is no connection: it gives way to the page that was asked for as soon as there is one.

addEventListener("online", () => location.reload());
