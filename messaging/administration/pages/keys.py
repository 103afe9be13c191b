"""Keys of other systems: who has one, to do what; a new one's secret is shown once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from messaging.administration import wording
from messaging.administration.pages.doors import superuser
from messaging.errors import Conflict, InvalidInput
from messaging.people import api_keys
from messaging.web.language import now as _
from messaging.web.pages import flash_once, pages
from messaging.web.shell import current_runtime

LONGEST_NAME = 100


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was filled in, for the form to keep when it is refused."""

    name: str = ""
    scopes: Sequence[str] = ()
    succeeds: str = ""


key_pages = pages("key_pages", __name__)


@key_pages.get("/administration/keys")
def overview() -> str:
    """Show all keys, also the revoked ones, and the form for a new one."""
    superuser()
    return _page()


@key_pages.post("/administration/keys")
def create() -> str | tuple[str, int]:
    """Make a key. Sent twice, the form makes one: names are unique."""
    actor = superuser()
    name, scopes = request.form.get("name", "").strip()[:LONGEST_NAME], request.form.getlist("scope")
    former = request.form.get("succeeds", "")
    asked = Asked(name=name, scopes=scopes, succeeds=former)
    if not name:
        return _page(asked, wrong=_("Giv nøglen et navn, så I kan kende den igen.")), 422
    if not scopes:
        return _page(asked, wrong=_("Vælg, hvad nøglen giver adgang til.")), 422
    try:
        succeeds = uuid.UUID(former) if former else None
        with current_runtime().act(actor) as act:
            made = api_keys.create_key(act, name=name, scopes=scopes, succeeds=succeeds)
    except Conflict:
        return _page(asked, wrong=_("Der er eller var en nøgle med det navn. Vælg et andet.")), 409
    except (InvalidInput, ValueError):
        return _page(asked, wrong=_("Vælg mellem de adgange og nøgler, der står her.")), 422
    return _page(secret=made.secret, made=made.key.id)


@key_pages.post("/administration/keys/<uuid:key_id>/revoke")
def revoke(key_id: uuid.UUID) -> Response:
    """End a key."""
    actor = superuser()
    with current_runtime().act(actor) as act:
        api_keys.revoke_key(act, key_id=key_id)
    flash_once(_("Nøglen er spærret. Den virker ikke mere om få sekunder."))
    return redirect(url_for("key_pages.overview"), code=303)


def _page(
    asked: Asked | None = None, *, wrong: str | None = None, secret: str | None = None, made: uuid.UUID | None = None
) -> str:
    with current_runtime().database.read() as session:
        keys = api_keys.list_keys(session)
    return render_template(
        "administration/keys.html",
        keys=keys,
        names={key.id: key.name for key in keys},
        asked=asked or Asked(),
        wrong=wrong,
        secret=secret,
        made=made,
        words=wording,
    )
