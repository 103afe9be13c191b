"""The words by which caseworkers are told how an answer was read, and why."""

from messaging.appointments.models import ReadingCorrection, ReplyReading
from messaging.appointments.reply_rules import Label
from messaging.appointments.states import Action
from messaging.appointments.wording import ACTIONS, LABELS, NOT_SPOKEN_OF
from messaging.web.language import later as _
from messaging.web.language import now as _now

BY_KEYWORD = "keyword"
"""The rule of a bare keyword, which is no suggestion but a clear word."""

BECAUSE: dict[str, str] = {
    "keyword": _("beskeden kun er det ord"),
    "keyword in the app": _("beskeden kun er det ord"),
    "app": _("borgeren trykkede på knappen i appen"),
    "free time": _("beskeden er nummeret på en af de tider, vi tilbød"),
    "warm signs": _("beskeden kun er venlige tegn"),
    "leave_me_alone": _("beskeden beder om at slippe for sms’er"),
    "wrong_number": _("beskeden siger, at nummeret er en andens"),
    "who_is_this": _("beskeden spørger, hvem der skriver"),
    "question_what_if": _("beskeden spørger, hvad der sker hvis"),
    "question_where": _("beskeden spørger om stedet"),
    "question_when": _("beskeden spørger om tiden"),
    "question_what": _("beskeden spørger, hvad mødet er, eller hvem og hvad der skal med"),
    "question_in_a_word": _("beskeden kun er et spørgeord"),
    "question_of_any_kind": _("beskeden er et spørgsmål og ikke andet"),
    "wants_a_person": _("beskeden beder om at tale med nogen"),
    "sick": _("beskeden fortæller om sygdom"),
    "sick_in_a_word": _("beskeden kun nævner sygdom"),
    "late": _("beskeden fortæller om en forsinkelse"),
    "late_in_a_word": _("beskeden kun nævner en forsinkelse"),
    "new_time": _("beskeden siger, at tiden ikke passer, eller beder om en anden"),
    "new_time_in_a_word": _("beskeden kun er et nej eller tallet 2"),
    "hindered": _("beskeden kun nævner noget andet, borgeren skal"),
    "confirm": _("beskeden siger ja og ikke andet"),
    "thanks": _("beskeden siger tak og ikke andet"),
    "acknowledged": _("beskeden siger ok og ikke andet"),
}
"""Why an answer was understood so, by the rule; it follows "fordi"."""

MAYBE_STOP = _("Måske ønsker borgeren ikke flere sms’er. Spørg borgeren.")

MEANINGS: dict[str, str] = LABELS | {Label.OTHER: _("noget andet")}


def reading_of(reading: ReplyReading, corrected: ReadingCorrection | None = None) -> str | None:
    """Say how a message was understood, why, and what was done about it; None where there is nothing to tell."""
    if corrected is not None and corrected.label not in {reading.label, Label.OTHER}:
        return _now("Rettet til: %(meaning)s.", meaning=MEANINGS[corrected.label])
    if corrected is not None and corrected.label != reading.label:
        return _now("Forkert forstået som: %(meaning)s.", meaning=MEANINGS[reading.label])
    maybe = reading.suggestion or reading.label
    if maybe == Label.STOP and reading.action is Action.TO_HUMAN and reading.rule != BY_KEYWORD:
        return MAYBE_STOP
    if reading.suggestion is not None:
        return _now(
            "Måske: %(meaning)s. Det er usikkert, fordi beskeden også siger noget andet.",
            meaning=LABELS[reading.suggestion],
        )
    if reading.label in NOT_SPOKEN_OF:
        return None
    return f"{_understood(reading)} {ACTIONS[reading.action]}".rstrip()


def _understood(reading: ReplyReading) -> str:
    meaning = LABELS[reading.label]
    if reading.rule not in BECAUSE:
        return _now("Forstået som: %(meaning)s.", meaning=meaning)
    return _now("Forstået som: %(meaning)s, fordi %(why)s.", meaning=meaning, why=BECAUSE[reading.rule])
