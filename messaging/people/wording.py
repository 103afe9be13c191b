"""Codes of numbers in plain Danish: what a caseworker reads beside a thread."""

from messaging.people.models import PauseReason, Standing

STANDINGS: dict[Standing, str] = {
    Standing.IN_USE: "I brug",
    Standing.PROPOSED: "Foreslået",
    Standing.ENDED: "Ikke længere i brug",
}

PAUSES: dict[PauseReason, str] = {
    PauseReason.WRONG_NUMBER: "en modtager har skrevet, at nummeret er forkert",
    PauseReason.STOP_FROM_SHARED: "der kom STOP fra nummeret, som flere bruger",
    PauseReason.STOP_FROM_UNKNOWN: "der kom STOP fra nummeret, før vi vidste, hvis det er",
}

NOW_SHARED = "Nummeret er markeret som delt. Der sendes kun sms uden personligt indhold til det."
NOW_OWN = "Nummeret er noteret som borgerens eget."
