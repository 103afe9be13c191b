"""The words of the form under a thread: what is wrong with a text, what is missing in it, and how it reads."""

from messaging.conversations.batch_models import BatchState, RecipientState
from messaging.conversations.batch_planning import EMPTY_VARIABLE, NO_TEXT
from messaging.conversations.readability import Difficulty
from messaging.conversations.wording import REASONS
from messaging.people.arm_models import Arm
from messaging.trial.capabilities import REASONS as REASONS_OF_ARMS
from messaging.web.language import DANISH, language
from messaging.web.language import later as _
from messaging.web.language import now as _now

TITLES: dict[str, str] = {
    "M4": _("Ny tid til mødet"),
    "M5": _("Vi mangler et dokument"),
    "M6": _("Hvad mødet handler om"),
    "M7": _("Velkomst"),
    "M9": _("Der ligger en besked bag login"),
    "M10": _("Kom ikke til mødet"),
    "danger": _("Svar, når der er tegn på fare"),
}
"""Approved texts by what they are for; one that a municipality has added goes by its own name."""

VARIABLES: dict[str, str] = {
    "first_name": _("borgerens fornavn"),
    "caseworker": _("sagsbehandlerens navn"),
    "unit": _("enhedens navn"),
    "office_phone": _("enhedens telefonnummer"),
    "app": _("appens navn"),
    "opening_hours": _("åbningstiden"),
    "day": _("mødets dag"),
    "day_word": _("mødets dag"),
    "time": _("mødets klokkeslæt"),
    "place": _("mødets sted"),
    "purpose": _("hvad mødet handler om"),
    "next_step": _("hvad der sker efter mødet"),
    "minutes": _("hvor længe mødet varer"),
    "code": _("koden"),
    "times": _("de ledige tider"),
    "wish": _("den tid, borgeren ønsker"),
}

DIFFICULTIES: dict[Difficulty, str] = {
    Difficulty.EASY: _("let"),
    Difficulty.MIDDLING: _("middel"),
    Difficulty.HARD: _("svær"),
}

MENDING: dict[str, str] = {
    "cpr": _("Fjern tallet fra teksten."),
    "link": _("Fjern linket, og skriv, hvor borgeren kan læse mere."),
    "shared_number": _("Vælg en skabelon uden personlige oplysninger."),
}
"""What to do about each reason of the content gate."""

BATCH_STATES: dict[BatchState, str] = {
    BatchState.WAITING_FOR_APPROVAL: _("Venter på et ja"),
    BatchState.WRITING: _("Sendes"),
    BatchState.WRITTEN: _("Sendt af sted"),
    BatchState.CANCELLED: _("Trukket tilbage"),
}

RECIPIENT_STATES: dict[RecipientState, str] = {
    RecipientState.PLANNED: _("Venter"),
    RecipientState.WRITTEN: _("Skrevet"),
    RecipientState.LEFT_OUT: _("Får den ikke"),
    RecipientState.CANCELLED: _("Trukket tilbage"),
}

LEFT_OUT: dict[str, str] = {
    REASONS_OF_ARMS[Arm.CONTROL]: _("Borgeren er i forsøgets kontrolgruppe og får ikke ekstra beskeder."),
    NO_TEXT: _("Skabelonen findes ikke i en udgave, der kan sendes til borgeren."),
}

RING_INSTEAD = _("Skal det siges, så ring til borgeren, eller skriv i Digital Post.")
NO_TEMPLATE = _("Skabelonen gælder ikke i dag. Vælg en anden.")


def title_of(key: str) -> str:
    """Return what an approved text is for."""
    return str(TITLES.get(key, key))


def missing(variable: str) -> str:
    """Say that an approved text cannot be used, and what is missing in it."""
    return _now(
        "Skabelonen kan ikke bruges: %(what)s mangler. Skriv selv, eller vælg en anden.",
        what=VARIABLES.get(variable, variable),
    )


def why_left_out(reason: str) -> str:
    """Say why somebody does not get a message to several."""
    if reason.startswith(EMPTY_VARIABLE):
        variable = reason.removeprefix(EMPTY_VARIABLE)
        return _now("%(what)s mangler i teksten til borgeren.", what=VARIABLES.get(variable, variable))
    return str(LEFT_OUT.get(reason) or REASONS.get(reason, reason))


def price(segments: int, ore: int) -> str:
    """Write what so many SMS cost: `0,70 kr.`."""
    amount = f"{segments * ore / 100:.2f}"
    return f"{amount.replace('.', ',')} kr." if language() == DANISH else f"DKK {amount}"
