"""Staff and units in plain Danish."""

from messaging.people.models import Role
from messaging.web.language import later as _

ROLES = {
    Role.CASEWORKER: _("Sagsbehandler"),
    Role.TEAM_LEADER: _("Teamleder"),
    Role.SUPERUSER: _("Superbruger"),
    Role.AUDITOR: _("Revisor"),
}

SAVED = _("Ændringen er gemt.")
ADDED = _("Medarbejderen er oprettet. Giv en adgangskode, hvis kommunens login ikke bruges.")
UNIT_ADDED = _("Enheden er oprettet.")
SHUT_OUT = _("Medarbejderen kan ikke længere logge ind.")
LET_IN = _("Medarbejderen kan logge ind igen.")
NOT_DONE = {
    "last_superuser": _("Der skal altid være en superbruger. Gør først en anden til superbruger. Intet er ændret."),
    "yourself": _("Du kan ikke ændre din egen adgang eller rolle. Bed en anden superbruger. Intet er ændret."),
    "name_taken": _("Navnet, initialerne eller e-mailen bruges allerede. Intet er ændret."),
    "initials": _("Skriv initialer på højst 100 tegn. Intet er ændret."),
    "name": _("Skriv et navn på højst 100 tegn. Intet er ændret."),
    "email": _("Det er ikke en e-mailadresse. Ret den, eller lad feltet stå tomt. Intet er ændret."),
    "role": _("Vælg en rolle. Intet er ændret."),
}
