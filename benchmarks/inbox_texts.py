"""What citizens and caseworkers write in a laid store: short texts whose words are common or rare, as in life."""

from itertools import product

_BEGINNINGS = (
    "Hej Mette.",
    "Hej, det er mig igen.",
    "Goddag.",
    "Tak for sidst!",
    "Hej",
    "Undskyld jeg først svarer nu.",
)
_MIDDLES = (
    "Jeg kommer ti minutter for sent",
    "Bussen er forsinket",
    "Kan vi flytte samtalen til fredag",
    "Jeg har fået en læreplads hos smeden",
    "Praktikken på værkstedet går godt",
    "Husk at tage din uddannelsesbog med",
    "Jeg har talt med lægen om det",
    "Kan du sende mig adressen",
    "Min telefon har været i stykker",
    "Jeg er syg i dag og kan ikke komme",
    "Vi ses på Ungecenteret i Sydhavnen",
)
_ENDINGS = ("Vi ses.", "Hilsen Sara", "Er det i orden?", "Skriv gerne.")

TEXTS = tuple(" ".join(parts) for parts in product(_BEGINNINGS, (f"{middle}." for middle in _MIDDLES), _ENDINGS))
SOUGHT = "læreplads"
"""A word in every eleventh of them."""
