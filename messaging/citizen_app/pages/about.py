"""What everybody may read about the app: our use of personal data, how to know us, who can use it, how to leave it."""

from urllib.parse import urlsplit

from flask import g, render_template

from messaging.citizen_app import data_use, wording
from messaging.citizen_app.pages.doors import app_pages
from messaging.citizen_app.sessions import CitizenHere
from messaging.config import Config
from messaging.people.numbers import as_written
from messaging.web.language import now as _
from messaging.web.shell import current_runtime

about = app_pages("app_about", __name__, public=True)


@about.get("/privacy")
def privacy() -> str:
    """Say what becomes of personal data; note that a citizen who is signed in was shown it."""
    runtime, here = current_runtime(), _here()
    config = runtime.config
    if here is not None:
        with runtime.act(here.actor) as act:
            data_use.note_shown(act, citizen_id=here.citizen_id)
    return render_template(
        "citizen_app/privacy.html",
        municipality=config.municipality,
        contact=config.municipality_contact,
        dpo=config.dpo_contact,
        version=data_use.VERSION,
        since=data_use.SINCE,
        provider=_provider(config),
    )


@about.get("/recognise")
def recognise() -> str:
    """Say what we do and never do, so that nobody takes another for us."""
    config = current_runtime().config
    return render_template(
        "citizen_app/recognise.html", number=_our_number(config), host=urlsplit(config.public_url).netloc
    )


@about.get("/leaving")
def leaving() -> str:
    """Say what leaving a page at once does, and what it does not."""
    config = current_runtime().config
    return render_template("citizen_app/leaving.html", elsewhere=urlsplit(config.exit_address).netloc)


@about.get("/accessibility")
def accessibility() -> str:
    """Say how well everybody can use the app, what is known to be hard, and where to complain."""
    config = current_runtime().config
    return render_template(
        "citizen_app/accessibility.html",
        contact=config.municipality_contact,
        official=config.accessibility_statement,
        looked_at=wording.LOOKED_AT,
    )


def _here() -> CitizenHere | None:
    here: CitizenHere | None = g.get("citizen_here")
    return here


def _provider(config: Config) -> str | None:
    """Say who carries our SMS and where they are kept; None of a channel that is nobody's business."""
    if config.sms_channel != "twilio_sms":
        return None
    region = config.adapters[config.sms_channel].get("region") or "ie1"
    return _("Firmaet hedder Twilio og er fra USA. Det gemmer sms’erne i %(place)s.", place=wording.REGIONS[region])


def _our_number(config: Config) -> str | None:
    number = config.adapters.get(config.sms_channel, {}).get("from_number")
    return as_written(number) if number else None
