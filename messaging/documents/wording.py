"""How far a document has come and why it was refused, in plain Danish: for the citizen and for staff."""

from messaging.documents.receiving import TooManyDocuments
from messaging.documents.states import DocumentState, Refusal
from messaging.errors import BorgerdialogError, InvalidInput
from messaging.web.language import later as _

STATES: dict[DocumentState, str] = {
    DocumentState.RECEIVING: _("Ikke sendt færdig"),
    DocumentState.WAITING: _("Bliver undersøgt"),
    DocumentState.CLEAN: _("Modtaget"),
    DocumentState.REFUSED: _("Ikke gemt"),
    DocumentState.PARKED: _("Bliver undersøgt"),
}

REFUSALS: dict[Refusal, str] = {
    Refusal.WRONG_TYPE: _("Vi kan ikke tage imod den slags fil. Send et billede, en PDF eller et dokument."),
    Refusal.UNREADABLE: _("Filen er gået i stykker. Send den igen, eller tag et billede af papiret."),
    Refusal.TOO_HEAVY: _("Filen fylder for meget. Tag et nyt billede, eller send en mindre fil."),
    Refusal.LOCKED: _("Filen er låst med en kode. Fjern koden, eller tag et billede af papiret."),
    Refusal.ACTIVE: _("Der er et program eller en anden fil i filen. Tag et billede af papiret i stedet."),
    Refusal.MIXED: _("Filen er to filer i én. Tag et billede af papiret i stedet."),
    Refusal.VIRUS: _("Filen har en virus. Vi har slettet den. Send den ikke igen."),
}

TOO_LARGE = _("Filen fylder mere end 25 MB. Tag et billede af papiret, eller del det i to.")
TOO_MANY = _("Du har sendt mange papirer på kort tid. Vent lidt, og prøv igen.")
NO_FILE = _("Vælg en fil først. Den må ikke være tom.")
NOT_SENT = _("Filen kom ikke frem. Prøv igen.")

_FIELDS = {"size": TOO_LARGE, "file": NO_FILE, "type": REFUSALS[Refusal.WRONG_TYPE]}


def why_not(error: BorgerdialogError) -> str:
    """Return in a sentence why a document cannot be sent."""
    if isinstance(error, TooManyDocuments):
        return str(TOO_MANY)
    if isinstance(error, InvalidInput):
        return str(_FIELDS.get(error.field or "", NOT_SENT))
    return str(NOT_SENT)
