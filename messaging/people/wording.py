"""Codes in plain Danish: what a caseworker reads beside a thread about numbers, and when she cannot sign in."""

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
ANOTHERS = "En anden borger bruger nummeret. Markér det først som delt, hvis de deler det. Intet er ændret."

NOT_FITTING = "Initialer eller adgangskode passer ikke. Prøv igen."
PROVIDER_SILENT = "Kommunens login svarer ikke lige nu. Prøv igen om lidt, eller brug initialer og adgangskode."
NOT_BEGUN_HERE = "Login er udløbet eller blev begyndt et andet sted. Prøv igen."
NOT_PROVED = "Kommunens login kunne ikke bekræfte, hvem du er. Prøv igen, eller spørg driften."
NO_ACCESS = "Du er logget ind hos kommunen, men har ikke adgang til Borgerdialog. Spørg din superbruger om adgang."
