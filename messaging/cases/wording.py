"""Codes of the card in plain Danish."""

from messaging.people.card_models import Medium
from messaging.trial.models import Arm
from messaging.web.language import later as _

MEDIA: dict[Medium, str] = {Medium.SMS: _("Sms"), Medium.APP: _("App"), Medium.CALL: _("Opringning")}

ARMS: dict[Arm, str] = {
    Arm.SMS: _("I forsøg: sms"),
    Arm.APP: _("I forsøg: app"),
    Arm.CONTROL: _("I forsøg: kontrolgruppe. Vi skriver ikke først, men svarer."),
}

LANGUAGES: dict[str, str] = {
    "da": _("Dansk"),
    "en": _("Engelsk"),
    "ar": _("Arabisk"),
    "fa": _("Farsi"),
    "ps": _("Pashto"),
    "pl": _("Polsk"),
    "ro": _("Rumænsk"),
    "so": _("Somali"),
    "ti": _("Tigrinya"),
    "tr": _("Tyrkisk"),
    "uk": _("Ukrainsk"),
    "ur": _("Urdu"),
    "sign": _("Tegnsprog"),
}

UNREADABLE: dict[str, str] = {
    "empty": _("Skriv nummeret. Intet er ændret."),
    "not_a_number": _("Det er ikke et telefonnummer. Skriv otte cifre, eller landekode og nummer. Intet er ændret."),
    "not_possible": _(
        "Så mange cifre har et telefonnummer ikke. Skriv otte cifre, eller landekode og nummer. Intet er ændret."
    ),
    "emergency": _("Det er et alarmnummer. Skriv borgerens eget mobilnummer. Intet er ændret."),
    "no_mobile": _("Nummeret kan ikke få sms. Skriv et mobilnummer. Intet er ændret."),
}

ANOTHERS = _("En anden borger bruger nummeret. Sæt hak ved, at andre bruger det, hvis de deler det. Intet er ændret.")
MOVED = _("Borgerens nummer er ændret, siden du åbnede siden. Se efter, og prøv igen. Intet er ændret.")
NOTHING_NEW = _("Det nummer bruges allerede. Intet er ændret.")
NO_SOURCE = _("Vælg, hvor du har nummeret fra. Intet er ændret.")
NO_REASON = _("Skriv en grund på 5 til 500 tegn. Intet er ændret.")
ALREADY_CLOSED = _("Sagen er allerede lukket.")
NOT_CLOSED = _("Sagen er allerede åben.")
DID_NOT_RING = _("Sæt hak, når borgerens telefon har ringet. Ringede den ikke, så se nummeret efter. Intet er ændret.")
