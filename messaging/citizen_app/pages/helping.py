"""The pages of who reads along with a citizen: come in by a code, read, and go."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.citizen_app import helper_access
from messaging.citizen_app.devices import name_of
from messaging.citizen_app.helper_access import HelperHere
from messaging.citizen_app.helper_reading import read_along
from messaging.citizen_app.pages.helping_doors import find_helpers, for_helper, forget, helping_pages, keep
from messaging.citizen_app.pairing import NoLonger
from messaging.people.actors import SYSTEM
from messaging.people.helper_wording import KINDS
from messaging.people.queries import first_names
from messaging.web.cursors import read_cursor, write_cursor
from messaging.web.shell import current_runtime
from messaging.work.lanes import Lane

LISTING = "helper's thread"
HIGHEST_SEQ = 2**31 - 1

Answer = Response | str | tuple[str, int]

helping = helping_pages("helping", __name__)


@helping.get("")
def overview() -> Response | str:
    """Show with whom this browser reads along; lead on where that is one."""
    found, runtime = find_helpers(), current_runtime()
    if len(found) == 1:
        return redirect(url_for("helping.show", helper_id=found[0].helper.id))
    with runtime.database.read() as session:
        names = first_names(session, runtime.vault, [here.helper.citizen_id for here in found])
    return render_template("citizen_app/helping_list.html", found=found, names=names, kinds=KINDS)


@helping.get("/<uuid:helper_id>")
@for_helper
def show(here: HelperHere) -> str:
    """Show what she may read of the citizen's messages."""
    runtime, helper = current_runtime(), here.helper
    listing = f"{LISTING} {helper.id}"
    kept: Any = read_cursor(runtime.vault, request.args.get("before"), listing=listing, kinds=(int,))
    with runtime.act(here.actor) as act:
        page = read_along(act, here, before=min(kept[0], HIGHEST_SEQ) if kept else None)
        name = first_names(act.session, runtime.vault, [helper.citizen_id])[helper.citizen_id]
    has_earlier = page.has_earlier and page.entries
    return render_template(
        "citizen_app/helping.html",
        helper=helper,
        name=name,
        page=page,
        kind=KINDS[helper.kind],
        earlier=write_cursor(runtime.vault, listing=listing, key=(page.entries[0].seq,)) if has_earlier else None,
    )


@helping.get("/start/<token>")
def start(token: str) -> Answer:
    """Ask whether this is the phone. Fetching the address takes nothing: only the button does."""
    runtime = current_runtime()
    with runtime.database.read() as session:
        is_open = helper_access.is_offer_open(session, runtime.vault, token=token, now=runtime.clock.now())
    return render_template("citizen_app/helping_start.html", token=token) if is_open else _over()


@helping.post("/start/<token>")
def take(token: str) -> Answer:
    """Let this phone in."""
    runtime = current_runtime()
    try:
        with runtime.act(SYSTEM) as act:
            helper_id, secret = helper_access.take_access(
                act, token=token, device_name=name_of(request.user_agent.string)
            )
    except NoLonger:
        return _over()
    runtime.waker.wake(Lane.JOURNAL)
    return keep(redirect(url_for("helping.show", helper_id=helper_id), code=303), secret)


@helping.post("/sign-out")
def sign_out() -> Response:
    """Sign this browser out; to come in again takes a new code."""
    return forget(redirect(url_for("helping.overview"), code=303))


def _over() -> tuple[str, int]:
    """Used, run out or made up: the same page."""
    return render_template("citizen_app/helping_over.html"), 410
