"""Codes in plain Danish: what a caseworker reads beside a message, and what it means for her."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from messaging.conversations.models import Direction, Kind
from messaging.conversations.note_models import NoteKind
from messaging.conversations.notes import NoteView
from messaging.conversations.queries import Progress, ThreadMessage
from messaging.conversations.states import MessageState, Waiting
from messaging.conversations.triage import TriageMessage
from messaging.journal.models import EventState
from messaging.people.reaching import APP
from messaging.web.language import later as _
from messaging.web.language import many as _n
from messaging.web.language import now as _now

Explain = Callable[[str], str]
"""Says in a sentence what a provider's code means."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A word, the sentence that explains it, and how it looks: `quiet`, `good`, `warning` or `bad`."""

    word: str
    sentence: str
    tone: str = "quiet"


WAITING: dict[Waiting, str] = {
    Waiting.FOR_US: _("Venter på os"),
    Waiting.FOR_CITIZEN: _("Venter på borgeren"),
    Waiting.SETTLED: _("Afsluttet"),
}

NOT_THEN = _(
    "Vælg et tidspunkt inden for 90 dage og i de timer, hvor vi må skrive: kl. 9-20, i weekenden kl. 10-18 og ikke på "
    "helligdage."
)

STATES: dict[MessageState, Wording] = {
    MessageState.RECEIVED: Wording(word=_("Modtaget"), sentence=_("Borgeren har skrevet til os.")),
    MessageState.DRAFT: Wording(word=_("Kladde"), sentence=_("Ikke sendt endnu.")),
    MessageState.SCHEDULED: Wording(word=_("Planlagt"), sentence=_("Sendes på det valgte tidspunkt.")),
    MessageState.QUEUED: Wording(word=_("På vej"), sentence=_("Sendes, så snart det er dens tur.")),
    MessageState.SENDING: Wording(word=_("Sendes nu"), sentence=_("Er ved at blive overdraget til sms-udbyderen.")),
    MessageState.SENT: Wording(
        word=_("Sendt"), sentence=_("Sms-udbyderen har taget imod den. Vi venter på kvittering.")
    ),
    MessageState.DELIVERED: Wording(word=_("Leveret"), sentence=_("Den er nået frem til telefonen."), tone="good"),
    MessageState.READ: Wording(word=_("Læst"), sentence=_("Borgeren har åbnet den."), tone="good"),
    MessageState.FAILED: Wording(
        word=_("Ikke leveret"),
        sentence=_("Den når ikke frem. Ring til borgeren, eller skriv i Digital Post."),
        tone="bad",
    ),
    MessageState.EXPIRED: Wording(
        word=_("Udløbet"), sentence=_("Den nåede ikke af sted, mens den var til nytte."), tone="bad"
    ),
    MessageState.CANCELLED: Wording(word=_("Fortrudt"), sentence=_("Den blev trukket tilbage, før den blev sendt.")),
    MessageState.UNCLEAR: Wording(
        word=_("Uklart"),
        sentence=_("Det er uklart, om den blev sendt. Det undersøges. Send den ikke igen imens."),
        tone="warning",
    ),
    MessageState.HELD: Wording(word=_("Holdt tilbage"), sentence=_("Den er ikke sendt."), tone="warning"),
}

IN_APP: dict[MessageState, Wording] = {
    MessageState.SCHEDULED: Wording(word=_("Planlagt"), sentence=_("Lægges i appen på det valgte tidspunkt.")),
    MessageState.SENT: Wording(word=_("Ligger i appen"), sentence=_("Borgeren har ikke åbnet den endnu.")),
    MessageState.READ: Wording(
        word=_("Vist i appen"),
        sentence=_("Den har været vist i borgerens app. Det er ikke bevis for, at borgeren har læst den."),
        tone="good",
    ),
    MessageState.CANCELLED: Wording(word=_("Fortrudt"), sentence=_("Den blev trukket tilbage, før den lå i appen.")),
    MessageState.EXPIRED: Wording(
        word=_("Udløbet, ikke læst"),
        sentence=_("Den kom aldrig til at ligge i appen, så borgeren har ikke læst den."),
        tone="bad",
    ),
}
"""What is said of messages in the app in other words than of SMS."""

NO_RECEIPT = Wording(
    word=_("Uden kvittering"),
    sentence=_("Sendt for mere end tre døgn siden, uden at udbyderen har meldt tilbage."),
    tone="warning",
)

LEFT_TO_HUMAN = Wording(word=_("Uklart"), sentence=_("Det er uklart, om den blev sendt."), tone="warning")
"""Nobody looks for it any more; the reason says what a human has to do."""

REASONS: dict[str, str] = {
    "cpr": _("Den ser ud til at indeholde et CPR-nummer, og det må ikke sendes som sms."),
    "link": _("Den indeholder et link, og vi sender aldrig links i sms."),
    "login_only": _("Den må kun læses efter login."),
    "shared_number": _("Nummeret bruges af flere, så der må ikke stå noget om borgeren i sms’en."),
    "opted_out": _("Borgeren har frameldt sms."),
    "case_closed": _("Sagen er lukket. Genåbn den på borgerkortet, hvis I skal skrive sammen igen."),
    "sms_arm": _("Borgeren er i forsøgets sms-gruppe. Det her sendes ikke til den gruppe."),
    "app_arm": _("Borgeren er i forsøgets app-gruppe. Skriv i appen, så får borgeren besked på at logge ind."),
    "control_arm": _(
        "Borgeren er i forsøgets kontrolgruppe. Vi skriver ikke først, men svarer, når borgeren har skrevet til os."
    ),
    "no_app": _("Borgeren har ikke appen mere. Send en sms, eller ring."),
    "no_number": _("Vi kender intet mobilnummer til borgeren."),
    "number_paused": _("Nummeret er sat på pause, til et menneske har set på det."),
    "provider_blocked": _("Nummeret er spærret hos sms-udbyderen. Borgeren åbner igen ved at sende START til os."),
    "number_ended": _("Nummeret er ikke længere borgerens."),
    "too_late": _("Det var for sent, da den kunne sendes."),
    "kept_back": _("Den kom ikke af sted i tide. Påmindelsen skrives på ny, når den må sendes."),
    "moved": _("Mødet blev flyttet, så påmindelsen passede ikke mere."),
    "cancelled": _("Mødet er aflyst."),
    "stands_again": _("Mødet er ikke aflyst alligevel."),
    "wrong_number": _("En modtager har skrevet, at nummeret er forkert."),
    "decided": _("En medarbejder har afgjort, at den ikke blev sendt."),
    "read_in_app": _("Borgeren fik beskeden vist i appen, før sms’en var sendt."),
    "login_needed_no_more": _("Sms’en måtte først sendes, når det i appen ikke ville være til nytte længere."),
    "in_app_instead": _("En medarbejder lagde den i borgerens app i stedet."),
    "cancelled_by_hand": _("En medarbejder trak den tilbage."),
    "parked": _("Den er taget ud af køen, fordi noget gik galt flere gange. Driften ser på det."),
    "process_died": _("Systemet blev afbrudt under afsendelsen."),
    "unclear_too_long": _("Udbyderen kunne ikke svare på, om den blev sendt. Du skal tage stilling."),
    "several_matches": _("Udbyderen viser flere, der ligner den. Du skal tage stilling."),
    "not_in_list": _("Udbyderen kender den ikke."),
}

KINDS: dict[Kind, str] = {
    Kind.TEXT: "",
    Kind.REMINDER: _("Påmindelse"),
    Kind.NOTICE: _("Meddelelse"),
    Kind.AUTO_REPLY: _("Automatisk svar"),
    Kind.STOP_ANSWER: _("Svar på STOP"),
    Kind.LOGIN_CODE: _("Login-kode"),
}

JOURNAL: dict[EventState, Wording] = {
    EventState.PENDING: Wording(word=_("Afventer journal"), sentence=_("Overføres til fagsystemet om lidt.")),
    EventState.DELIVERED: Wording(
        word=_("Afventer journal"), sentence=_("Fagsystemet har modtaget den, men ikke kvitteret.")
    ),
    EventState.RECEIPTED: Wording(word=_("I journalen"), sentence=_("Fagsystemet har kvitteret."), tone="good"),
    EventState.REJECTED: Wording(word=_("Afvist af journalen"), sentence=_("Fagsystemet afviste den."), tone="bad"),
    EventState.PARKED: Wording(
        word=_("Ikke i journalen"), sentence=_("Fagsystemet har ikke svaret. Driften ser på det."), tone="bad"
    ),
}
NOT_JOURNALED = Wording(word=_("Afventer journal"), sentence=_("Overføres til fagsystemet om lidt."))

NOT_ALL_SEEN = _("Der er kommet en ny besked, siden du åbnede siden. Læs den først.")
STILL_LOOKED_FOR = _("Vi spørger stadig udbyderen, om beskeden blev sendt. Vent, til den har svaret.")
DECIDED_SENT = _("Det er noteret, at beskeden blev sendt.")
DECIDED_NOT_SENT = _("Det er noteret, at beskeden ikke blev sendt. Den sendes nu, hvis den stadig er til nytte.")

NOTES: dict[NoteKind, str] = {
    NoteKind.INTERNAL: _("Intern note"),
    NoteKind.CALL_OUT: _("Vi ringede"),
    NoteKind.CALL_IN: _("Borgeren ringede"),
    NoteKind.VISIT: _("Besøg"),
    NoteKind.DESK: _("Samtale i skranken"),
}

MEDIA: dict[str, str] = {"sms": _("Sms"), "app": _("App")}


def explain(code: str) -> str:
    """Say what there is to say of a provider's code that nobody has explained."""
    return _now("Udbyderen oplyser fejl %(code)s.", code=code)


def state_of(message: Progress, *, now: datetime, failure: Explain = explain) -> Wording:
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


def _state_wording(message: Progress, now: datetime) -> Wording:
    if message.needs_decision:
        return LEFT_TO_HUMAN
    if message.medium == APP and message.state in IN_APP:
        return IN_APP[message.state]
    return NO_RECEIPT if message.lacks_receipt(now) else STATES[message.state]


def media_of(message: ThreadMessage | TriageMessage) -> str:
    """Return what is said of the files that came with a message; nothing if there were none."""
    if not message.media:
        return ""
    return _n("Billede modtaget (kan ikke vises her)", "%(num)s billeder modtaget (kan ikke vises her)", message.media)


def journal_of(message: ThreadMessage | NoteView) -> Wording:
    """Return where a message or note stands in the case system."""
    return JOURNAL[message.journaled.state] if message.journaled else NOT_JOURNALED


def author_of(message: ThreadMessage) -> str:
    """Return who wrote a message, as staff would say it."""
    if message.direction is Direction.IN:
        return _("Borgeren")
    return message.author_name or KINDS[message.kind] or _("Systemet")
