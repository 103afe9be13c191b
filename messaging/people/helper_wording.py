"""Codes of who reads along with a citizen, in plain words; a citizen and her helper read them too."""

from messaging.people.helper_models import Basis, HelperKind
from messaging.web.language import later as _

KINDS: dict[HelperKind, str] = {
    HelperKind.MENTOR: _("mentor"),
    HelperKind.GUARDIAN: _("forælder eller værge"),
    HelperKind.INTERPRETER: _("tolk"),
    HelperKind.COMPANION: _("bisidder"),
}

BASES: dict[Basis, str] = {
    Basis.CONSENT_AT_DESK: _("Borgeren har sagt ja hos mig"),
    Basis.CONSENT_IN_APP: _("Borgeren skal selv sige ja i appen"),
    Basis.MANDATE: _("Loven giver ret til det (kun forælder eller værge)"),
}
"""As a caseworker chooses them."""

WRONG: dict[str | None, str] = {
    "name": _("Skriv navnet på den, der skal læse med, kun med bogstaver."),
    "kind": _("Vælg, hvem der skal læse med."),
    "basis": _("Vælg, hvad der giver ret til at læse med. Kun forælder eller værge kan gøre det uden borgerens ja."),
    "words": _("Skriv, hvad der giver ret til at læse med, så andre kan slå det efter. Højst 300 tegn."),
    "until": _("Vælg en sidste dag, der ikke er gået."),
}
"""What is wrong with the form, by its field."""


def named(name: str, kind: HelperKind) -> str:
    """Return who that is, as it stands in a sentence: `Lars Lund (mentor)`."""
    return f"{name} ({KINDS[kind]})"
