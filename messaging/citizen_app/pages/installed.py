"""What makes the pages an app on a phone: manifest, service worker, and the page for when there is no connection.

All of it is the same for everybody: it holds nothing of who asks, for the phone keeps it when she is signed out.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Response, abort, current_app, render_template, url_for

from messaging.citizen_app.pages.doors import PREFIX
from messaging.conversations.sending_in_app import LONGEST
from messaging.web.language import CATALOGUES, LANGUAGES, speak
from messaging.web.language import now as _
from messaging.web.shell import current_runtime

installed = Blueprint("app_installed", __name__, template_folder="../html", url_prefix=PREFIX)

PAPER, GROUND = "#ffffff", "#f5f5f5"
SHELL = (
    "vendor/dkfds/css/dkfds-borgerdk.min.css",
    "css/app.css",
    "js/app_leave.js",
    "js/app_outbox.js",
    "js/app_shell.js",
    "js/app_offline.js",
    "img/icon.svg",
)
"""Static files that the page without a connection is made of."""
WORKER = ("js/app_outbox.js", "js/app_push_worker.js", "js/app_worker.js")
"""Files that the service worker is made of, in their order."""
WRITTEN_IN = tuple(f"html/citizen_app/{name}.html" for name in ("layout", "waiting", "offline"))
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"),
)
ROOM = Path(__file__).resolve().parent.parent


@installed.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the app to the phone that installs it."""
    return _manifest(url_for("app_thread.show"))


@installed.get("/start/<token>/manifest.webmanifest")
def manifest_of_start(token: str) -> Response:
    """Describe the app to a phone that is being let in: installed now, it opens where the six digits are asked for."""
    return _manifest(url_for("app_start.ask_digits", token=token))


@installed.get("/service-worker.js")
def service_worker() -> Response:
    """Serve the script that keeps the shell on the phone; it is another one as soon as the shell is."""
    files = [url_for("static", filename=name) for name in SHELL]
    pages = {word: url_for("app_installed.offline", language=word) for word in LANGUAGES}
    shell = {
        "version": _version(_words()),
        "files": files,
        "pages": pages,
        "notice": {word: _notice(word) for word in LANGUAGES},
        "icon": url_for("static", filename="img/icon-192.png"),
    }
    script = b"const SHELL = %b;\n%b" % (orjson.dumps(shell), b"".join(_static(name) for name in WORKER))
    headers = {"Service-Worker-Allowed": PREFIX, "Cache-Control": "no-cache"}
    return Response(script, mimetype="text/javascript", headers=headers)


@installed.get("/offline/<language>")
def offline(language: str) -> str:
    """Show what the app says when there is no connection."""
    if language not in LANGUAGES:
        abort(404)
    speak(language)
    return render_template("citizen_app/offline.html", longest=LONGEST)


def _manifest(start: str) -> Response:
    name = current_runtime().config.app_name
    described: dict[str, Any] = {
        "id": PREFIX,
        "name": name,
        "short_name": name,
        "lang": "da",
        "start_url": start,
        "scope": PREFIX,
        "display": "standalone",
        "theme_color": PAPER,
        "background_color": GROUND,
        "icons": [
            {"src": url_for("static", filename=f"img/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for file, sizes, purpose in ICONS
        ],
    }
    return Response(orjson.dumps(described), mimetype="application/manifest+json")


def _notice(word: str) -> dict[str, str]:
    """Return what the phone shows when it is knocked at: nothing of what lies in the app, or of whom."""
    speak(word)
    return {"title": current_runtime().config.app_name, "body": _("Du har en ny besked.")}


def _words() -> tuple[str, ...]:
    """Return what the shell says that is a setting."""
    config = current_runtime().config
    return config.app_name, str(config.unit_phone), config.exit_address, str(current_app.config["REHEARSAL"])


@cache
def _version(words: tuple[str, ...]) -> str:
    """Return a digest of all that the phone keeps; what it says is translated by the catalogues."""
    written = [ROOM / name for name in WRITTEN_IN] + sorted(CATALOGUES.glob("*.po"))
    digest = hashlib.sha256(repr(words).encode())
    for content in (*(path.read_bytes() for path in written), *map(_static, (*SHELL, *WORKER))):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _static(name: str) -> bytes:
    """Return the content of a static file; one of a package that is not installed is empty."""
    path = Path(str(current_app.static_folder)) / name
    return path.read_bytes() if path.is_file() else b""
