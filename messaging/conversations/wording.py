"""Codes in plain Danish: what a caseworker reads beside a message, and what it means for her."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from messaging.conversations.models import Direction, Kind
from messaging.conversations.queries import Listing, ThreadMessage
from messaging.conversations.states import MessageState, Waiting
from messaging.conversations.triage import TriageMessage
from messaging.journal.models import EventState

Explain = Callable[[str], str]
"""Says in a sentence what a provider's code means."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A word, the sentence that explains it, and how it looks: `quiet`, `good`, `warning` or `bad`."""

    word: str
    sentence: str
    tone: str = "quiet"


WAITING: dict[Waiting, str] = {
    Waiting.FOR_US: "Venter på os",
    Waiting.FOR_CITIZEN: "Venter på borgeren",
    Waiting.SETTLED: "Afsluttet",
}

LISTINGS: dict[Listing, str] = {Listing.NEEDS_ACTION: "Kræver handling", Listing.SCHEDULED: "Planlagte"}

NOT_THEN = (
    "Vælg et tidspunkt inden for 90 dage og i de timer, hvor vi må skrive: kl. 9-20, i weekenden kl. 10-18 og ikke på "
    "helligdage."
)

STATES: dict[MessageState, Wording] = {
    MessageState.RECEIVED: Wording(word="Modtaget", sentence="Borgeren har skrevet til os."),
    MessageState.DRAFT: Wording(word="Kladde", sentence="Ikke sendt endnu."),
    MessageState.SCHEDULED: Wording(word="Planlagt", sentence="Sendes på det valgte tidspunkt."),
    MessageState.QUEUED: Wording(word="På vej", sentence="Sendes, så snart det er dens tur."),
    MessageState.SENDING: Wording(word="Sendes nu", sentence="Er ved at blive overdraget til sms-udbyderen."),
    MessageState.SENT: Wording(word="Sendt", sentence="Sms-udbyderen har taget imod den. Vi venter på kvittering."),
    MessageState.DELIVERED: Wording(word="Leveret", sentence="Den er nået frem til telefonen.", tone="good"),
    MessageState.READ: Wording(word="Læst", sentence="Borgeren har åbnet den.", tone="good"),
    MessageState.FAILED: Wording(
        word="Ikke leveret", sentence="Den når ikke frem. Ring til borgeren, eller skriv i Digital Post.", tone="bad"
    ),
    MessageState.EXPIRED: Wording(
        word="Udløbet", sentence="Den nåede ikke af sted, mens den var til nytte.", tone="bad"
    ),
    MessageState.CANCELLED: Wording(word="Fortrudt", sentence="Den blev trukket tilbage, før den blev sendt."),
    MessageState.UNCLEAR: Wording(
        word="Uklart",
        sentence="Det er uklart, om den blev sendt. Det undersøges. Send den ikke igen imens.",
        tone="warning",
    ),
    MessageState.HELD: Wording(word="Holdt tilbage", sentence="Den er ikke sendt.", tone="warning"),
}

NO_RECEIPT = Wording(
    word="Uden kvittering",
    sentence="Sendt for mere end tre døgn siden, uden at udbyderen har meldt tilbage.",
    tone="warning",
)

LEFT_TO_HUMAN = Wording(word="Uklart", sentence="Det er uklart, om den blev sendt.", tone="warning")
"""Nobody looks for it any more; the reason says what a human has to do."""

REASONS: dict[str, str] = {
    "cpr": "Den ser ud til at indeholde et CPR-nummer, og det må ikke sendes som sms.",
    "link": "Den indeholder et link, og vi sender aldrig links i sms.",
    "login_only": "Den må kun læses efter login.",
    "shared_number": "Nummeret bruges af flere, så der må ikke stå noget om borgeren i sms’en.",
    "opted_out": "Borgeren har frameldt sms.",
    "no_number": "Vi kender intet mobilnummer til borgeren.",
    "number_paused": "Nummeret er sat på pause, til et menneske har set på det.",
    "provider_blocked": "Nummeret er spærret hos sms-udbyderen. Borgeren åbner igen ved at sende START til os.",
    "number_ended": "Nummeret er ikke længere borgerens.",
    "too_late": "Det var for sent, da den kunne sendes.",
    "moved": "Mødet blev flyttet, så påmindelsen passede ikke mere.",
    "cancelled": "Mødet er aflyst.",
    "wrong_number": "En modtager har skrevet, at nummeret er forkert.",
    "decided": "En medarbejder har afgjort, at den ikke blev sendt.",
    "cancelled_by_hand": "En medarbejder trak den tilbage.",
    "parked": "Den er taget ud af køen, fordi noget gik galt flere gange. Driften ser på det.",
    "process_died": "Systemet blev afbrudt under afsendelsen.",
    "unclear_too_long": "Udbyderen kunne ikke svare på, om den blev sendt. Du skal tage stilling.",
    "several_matches": "Udbyderen viser flere, der ligner den. Du skal tage stilling.",
    "not_in_list": "Udbyderen kender den ikke.",
}

KINDS: dict[Kind, str] = {
    Kind.TEXT: "",
    Kind.REMINDER: "Påmindelse",
    Kind.NOTICE: "Meddelelse",
    Kind.AUTO_REPLY: "Automatisk svar",
    Kind.STOP_ANSWER: "Svar på STOP",
    Kind.LOGIN_CODE: "Login-kode",
}

JOURNAL: dict[EventState, Wording] = {
    EventState.PENDING: Wording(word="Afventer journal", sentence="Overføres til fagsystemet om lidt."),
    EventState.DELIVERED: Wording(
        word="Afventer journal", sentence="Fagsystemet har modtaget den, men ikke kvitteret."
    ),
    EventState.RECEIPTED: Wording(word="I journalen", sentence="Fagsystemet har kvitteret.", tone="good"),
    EventState.REJECTED: Wording(word="Afvist af journalen", sentence="Fagsystemet afviste den.", tone="bad"),
    EventState.PARKED: Wording(
        word="Ikke i journalen", sentence="Fagsystemet har ikke svaret. Driften ser på det.", tone="bad"
    ),
}
NOT_JOURNALED = Wording(word="Afventer journal", sentence="Overføres til fagsystemet om lidt.")

NOT_ALL_SEEN = "Der er kommet en ny besked, siden du åbnede siden. Læs den først."
STILL_LOOKED_FOR = "Vi spørger stadig udbyderen, om beskeden blev sendt. Vent, til den har svaret."
DECIDED_SENT = "Det er noteret, at beskeden blev sendt."
DECIDED_NOT_SENT = "Det er noteret, at beskeden ikke blev sendt. Den sendes nu, hvis den stadig er til nytte."

MEDIA: dict[str, str] = {"sms": "Sms", "app": "App"}


def explain(code: str) -> str:
    """Say what there is to say of a provider's code that nobody has explained."""
    return f"Udbyderen oplyser fejl {code}."


def state_of(message: ThreadMessage, *, now: datetime, failure: Explain = explain) -> Wording:
    """Return how far a message has come, with the reason where there is one.

    `failure` is the provider's own explanation of its codes; it speaks of messages that did not arrive, so only those
    get it.
    """
    wording = _state_wording(message, now)
    if message.reason is None:
        return wording
    of_code = failure if message.state is MessageState.FAILED else explain
    reason = REASONS.get(message.reason) or of_code(message.reason)
    return Wording(word=wording.word, sentence=f"{wording.sentence} {reason}", tone=wording.tone)


def _state_wording(message: ThreadMessage, now: datetime) -> Wording:
    if message.needs_decision:
        return LEFT_TO_HUMAN
    return NO_RECEIPT if message.lacks_receipt(now) else STATES[message.state]


def media_of(message: ThreadMessage | TriageMessage) -> str:
    """Return what is said of the files that came with a message; nothing if there were none."""
    if not message.media:
        return ""
    return f"{'Billede' if message.media == 1 else f'{message.media} billeder'} modtaget (kan ikke vises her)"


def journal_of(message: ThreadMessage) -> Wording:
    """Return where a message stands in the case system."""
    return JOURNAL[message.journaled.state] if message.journaled else NOT_JOURNALED


def author_of(message: ThreadMessage) -> str:
    """Return who wrote a message, as staff would say it."""
    if message.direction is Direction.IN:
        return "Borgeren"
    return message.author_name or KINDS[message.kind] or "Systemet"
