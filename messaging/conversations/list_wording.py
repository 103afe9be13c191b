"""The lists in plain Danish: what each is called, what an empty one means, and what to do about a row."""

from dataclasses import dataclass

from messaging.conversations.inbox_lists import Listing
from messaging.conversations.listed_messages import UNDELIVERED, ListedMessage
from messaging.conversations.states import MessageState, Waiting
from messaging.conversations.wording import REASONS
from messaging.people.arm_models import Arm
from messaging.trial.capabilities import Sort, Way, way_of_itself
from messaging.web.language import later as _

LISTS: dict[Waiting | Listing, str] = {
    Waiting.FOR_US: _("Venter på os"),
    Waiting.FOR_CITIZEN: _("Venter på borgeren"),
    Listing.NEEDS_ACTION: _("Ikke leveret"),
    Listing.UNREACHABLE: _("Kan ikke nås på sms"),
    Listing.SCHEDULED: _("Planlagte"),
    Listing.ALL: _("Alle mine"),
    Waiting.SETTLED: _("Afsluttede"),
}
"""In the order in which they are offered."""

ALL_OF_THE_UNIT = _("Hele enheden")
"""What a team leader's list of everybody is called."""

EMPTY: dict[Waiting | Listing, str] = {
    Waiting.FOR_US: _("Ingen venter på svar fra os."),
    Waiting.FOR_CITIZEN: _("Vi venter ikke på svar fra nogen."),
    Listing.NEEDS_ACTION: _("Alle beskeder er kommet frem eller er på vej."),
    Listing.UNREACHABLE: _("Alle kan nås på sms."),
    Listing.SCHEDULED: _("Ingen beskeder venter på deres tid."),
    Listing.ALL: _("Ingen borgere endnu."),
    Waiting.SETTLED: _("Ingen samtaler er afsluttet."),
}

NONE_WITH_PAPERS = _("Ingen på listen har papirer i samtalen.")

PARKED = "parked"
"""Why a message is given up at which processes died; it waited in the queue, so it had not left."""

BLOCKS: dict[bool, str] = {True: _("Svar til dagens møder"), False: _("Andre, der venter")}
"""What stands above who has a meeting today, and above the others, on the first morning after closed days."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do next in words; `leads_to_card` if it is done on the citizen's card, `to_do` then names it."""

    words: str
    to_do: str | None = None

    @property
    def leads_to_card(self) -> bool:
        """Whether the citizen's card is the place to do it."""
        return self.to_do is not None


NEW_NUMBER = _("Tilføj nummer")

UNREACHABLE: dict[str, str] = REASONS | {
    UNDELIVERED: _("De seneste beskeder er ikke nået frem, selv om nummeret ser rigtigt ud.")
}

STEPS_TO_REACH: dict[str, Step] = {
    "no_number": Step(words=_("Spørg borgeren efter et nummer, eller skriv i Digital Post."), to_do=NEW_NUMBER),
    "opted_out": Step(words=_("Ring, eller skriv i Digital Post. Borgeren kan selv åbne igen ved at sende START.")),
    "number_paused": Step(words=_("Ring, og spørg, om nummeret er rigtigt."), to_do=_("Se nummeret")),
    "provider_blocked": Step(words=_("Ring, eller skriv i Digital Post. Bed borgeren sende START til os.")),
    "case_closed": Step(words=_("Haster det, så ring."), to_do=_("Genåbn sagen")),
    UNDELIVERED: Step(words=_("Ring, eller skriv i Digital Post, og spørg efter et nyt nummer."), to_do=NEW_NUMBER),
}

BY_APP: dict[bool, str] = {
    True: _("Skriv i appen: telefonen siger til. Ring om møder, for påmindelser går kun på sms."),
    False: _("Skriv i appen. Telefonen siger ikke til, så ring, hvis det haster, og om møder."),
}
"""What to do about who has the app, by whether a phone of hers says that something lies in it.

She stays in the list though the app reaches her: reminders of meetings go by SMS alone (`channel_choice`), and so does
the word that something waits in an app that does not knock. Somebody is still to mend the number or to ring.
"""

ALL_BY_APP: dict[bool, str] = {
    True: _("Skriv i appen: telefonen siger til. Påmindelser om møder ligger også i appen."),
    False: _("Skriv i appen. Telefonen siger ikke til, så ring, hvis det haster."),
}
"""The same where her arm of the trial has reminders in the app too: who rings about meetings blurs the trial."""

STEPS_TO_DELIVER: dict[MessageState, Step] = {
    MessageState.FAILED: Step(words=_("Er nummeret forkert, så skriv det rigtige."), to_do=_("Ret nummeret")),
    MessageState.EXPIRED: Step(words=_("Skriv igen, hvis det stadig er til nytte. Haster det, så ring.")),
    MessageState.HELD: Step(words=_("Åbn samtalen, og ret beskeden, eller træk den tilbage.")),
    MessageState.UNCLEAR: Step(words=_("Vent på svaret fra udbyderen. Haster det, så ring.")),
}
GIVEN_UP = Step(words=_("Den blev aldrig sendt. Åbn samtalen, og send den igen, hvis den stadig er til nytte."))
TO_BE_DECIDED = Step(words=_("Åbn samtalen, og sig, om den blev sendt."))


def step_to_reach(obstacle: str, *, app_knocks: bool | None, arm: Arm | None = None) -> Step | None:
    """Return what to do about a citizen whom SMS does not reach; `app_knocks` is None for who has no app."""
    step = STEPS_TO_REACH.get(obstacle)
    if app_knocks is None:
        return step
    by_app = ALL_BY_APP if arm is not None and way_of_itself(arm, Sort.REMINDER) is Way.APP else BY_APP
    return Step(words=by_app[app_knocks], to_do=step.to_do if step else None)


def step_to_deliver(message: ListedMessage) -> Step | None:
    """Return what to do about a message that has not got through; None if it is merely not its time yet."""
    if message.needs_decision:
        return TO_BE_DECIDED
    return GIVEN_UP if message.reason == PARKED else STEPS_TO_DELIVER.get(message.state)
