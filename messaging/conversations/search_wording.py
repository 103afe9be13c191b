"""The words of the page on which messages are found again, and the names of the approved texts."""

from messaging.conversations.models import Direction
from messaging.web.language import later as _
from messaging.web.language import now as _now

DIRECTIONS: dict[Direction, str] = {Direction.IN: _("Borgeren skrev"), Direction.OUT: _("Vi skrev")}

TEMPLATES: dict[str, str] = {
    "M1": _("Påmindelse tre dage før"),
    "M2": _("Påmindelse dagen før"),
    "M1P": _("Påmindelse tre dage før, med spørgsmål"),
    "M2K": _("Påmindelse dagen før, kort"),
    "M14": _("Påmindelse om to møder"),
    "M3": _("Svar på ønske om ny tid"),
    "M4": _("Ny tid"),
    "M5": _("Et dokument mangler"),
    "M6": _("Hvad mødet handler om"),
    "M7": _("Velkomst"),
    "M8": _("Svar på STOP"),
    "M9": _("En besked venter efter login"),
    "M10": _("Efter et møde uden fremmøde"),
    "M11": _("Uden for åbningstiden"),
    "M12": _("Private oplysninger i sms"),
    "M13": _("Aflysning fra os"),
    "start": _("Svar på START"),
    "help": _("Svar på HJÆLP"),
    "danger": _("Tegn på fare"),
    "cover": _("En kollega svarer"),
    "stand_in": _("En kollega holder mødet"),
    "away": _("Sagsbehandleren er væk"),
    "closed": _("Sagen er lukket"),
    "code": _("Kode til at logge ind"),
}
"""What the shipped texts are for, by their key."""


def template_name(template: str) -> str:
    """Return the name of `key/variant/language/version`: `Velkomst, version 2`."""
    key, *_variant, version = template.split("/")
    return _now("%(name)s, version %(version)s", name=TEMPLATES.get(key, key), version=version)
