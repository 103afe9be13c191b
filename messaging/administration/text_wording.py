"""Texts and their rules in plain Danish: what a superuser reads on the pages of texts."""

from messaging.appointments.guidance_models import GuidanceKind
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.template_rules import Flaw
from messaging.web.language import later as _

LANGUAGES = {
    "da": _("Dansk"),
    "en": _("Engelsk"),
    "ar": _("Arabisk"),
    "fa": _("Farsi"),
    "pl": _("Polsk"),
    "ro": _("Rumænsk"),
    "so": _("Somali"),
    "tr": _("Tyrkisk"),
    "uk": _("Ukrainsk"),
}

KEYS = {
    "M1": _("Påmindelse, 3 dage før"),
    "M2": _("Påmindelse, dagen før"),
    "M1P": _("Påmindelse, 3 dage før, med spørgsmål om vejen"),
    "M2K": _("Påmindelse, dagen før, kort"),
    "M14": _("Påmindelse om to møder samme dag"),
    "M3": _("Svar på ønske om ny tid"),
    "M4": _("Ny tid"),
    "M5": _("Et dokument mangler"),
    "M6": _("Hvad mødet handler om"),
    "M7": _("Velkomst"),
    "M8": _("Svar på STOP"),
    "M9": _("Ny besked i appen"),
    "M10": _("Efter et møde, hvor ingen kom"),
    "M11": _("Uden for åbningstiden"),
    "M12": _("Private oplysninger kom på sms"),
    "M13": _("Vi flytter et møde"),
    "start": _("Svar på START"),
    "help": _("Svar på HJÆLP"),
    "danger": _("Svar ved tegn på fare"),
    "cover": _("En kollega svarer"),
    "stand_in": _("En kollega holder mødet"),
    "away": _("Sagsbehandleren er væk"),
    "closed": _("Sagen er lukket"),
    "code": _("Kode til at logge ind"),
}

VARIANTS = {
    "": _("almindelig"),
    "in_person": _("fremmøde"),
    "phone": _("telefon"),
    "video": _("video"),
    "closed": _("uden for åbningstid"),
    "app": _("i appen"),
    "closed_app": _("i appen, uden for åbningstid"),
    "times": _("med ledige tider"),
    "wished": _("når borgeren har valgt en tid"),
    "gone": _("når tiden er taget"),
    "gone_others": _("når tiden er taget, og andre er ledige"),
    "content_free": _("til delt nummer"),
}

GUIDANCE = {
    GuidanceKind.AGENDA: _("Hvad sker der på mødet?"),
    GuidanceKind.BRING: _("Hvad skal borgeren have med?"),
    GuidanceKind.DIRECTIONS: _("Hvordan finder borgeren derhen?"),
    GuidanceKind.FORM: _("Godt at vide, når mødet er …"),
}
"""What a citizen reads about a meeting in the app."""

CONTENT_CLASSES = {
    ContentClass.SMS_OK: _("Må sendes på sms"),
    ContentClass.CONSEQUENCE: _("Nævner følger; ikke til unge under 18"),
    ContentClass.LOGIN_ONLY: _("Kun efter login"),
    ContentClass.SENSITIVE: _("Kun efter login med MitID"),
}

FLAWS = {
    Flaw.EMPTY: _("Skriv teksten."),
    Flaw.MALFORMED: _("En krølleparentes står forkert. Felter skrives som {first_name}."),
    Flaw.UNKNOWN_VARIABLE: _("Denne tekst kan ikke udfylde feltet: %(about)s. Brug felterne på listen."),
    Flaw.MISSING_VARIABLE: _("Teksten skal have feltet: %(about)s."),
    Flaw.MISSING_WORDS: _("Teksten skal stadig sige: %(about)s."),
    Flaw.NOT_GSM: _("Tegnet gør sms’en dyrere og kortere: %(about)s. Skriv det anderledes."),
    Flaw.TOO_LONG: _("Teksten er for lang til det antal sms, den må fylde (fylder, højst): %(about)s."),
    Flaw.LINK: _("Der må ikke være links i en sms."),
    Flaw.CPR: _("Teksten ligner et CPR-nummer. Det må ikke stå i en sms."),
}

APPROVED = _("Teksten er godkendt og er nu næste version.")
DRAFTED = _("Udkastet er gemt. En anden superbruger skal godkende det, før det bruges.")
WITHDRAWN = _("Udkastet er trukket tilbage.")
ENDED = _("Teksten bruges ikke længere.")
NOT_DONE = {
    "own_draft": _("Du har selv skrevet udkastet. En anden superbruger skal godkende det."),
    "no_longer_waiting": _("Udkastet er allerede afgjort, eller dets sidste dag er forbi. Se listen igen."),
    "unfit_text": _("Udkastet opfylder ikke længere reglerne. Træk det tilbage, og skriv et nyt."),
    "needed": _("Tjenesten sender selv denne tekst. Skriv en ny version i stedet for at stoppe den."),
    "conflict": _("Teksten bruges allerede ikke mere."),
}
WRONG_KEY = _("Navnet må kun have bogstaver, tal og _ og skal begynde med et bogstav.")
WRONG_DAYS = _("Vælg dage, der kan lade sig gøre: den sidste dag skal ligge efter den første og efter i dag.")
