"""Codes of the citizen's app in plain Danish."""

from datetime import date

from messaging.citizen_app.letters import Letters
from messaging.citizen_app.models import SeenAs
from messaging.web.language import later as _

SEEN_AS: dict[SeenAs, str] = {
    SeenAs.PHOTO_ID: _("Billedlegitimation: pas, kørekort eller ID-kort"),
    SeenAs.HEALTH_CARD: _("Sundhedskort, og svar på spørgsmål om sagen"),
    SeenAs.KNOWN: _("Jeg kender borgeren fra tidligere møder"),
}

HELPER_SEEN_AS: dict[SeenAs, str] = {
    SeenAs.PHOTO_ID: _("Billedlegitimation: pas, kørekort eller ID-kort"),
    SeenAs.KNOWN: _("Jeg kender personen fra tidligere møder"),
}
"""The same of who reads along with a citizen; nobody but she knows the answers to questions about her case."""

REGIONS: dict[str, str] = {"ie1": _("Irland"), "us1": _("USA"), "au1": _("Australien"), "jp1": _("Japan")}
"""Where Twilio keeps what it carries, by the region in its settings."""

LETTERS: dict[Letters, str] = {
    Letters.NORMAL: _("Almindelige"),
    Letters.LARGE: _("Store"),
    Letters.LARGEST: _("Meget store"),
}

LOOKED_AT = date(2026, 11, 29)
"""When the app was last looked at as its page on accessibility says."""
