"""The languages of the pages: Danish as it is written in the code, and English by a catalogue.

The catalogue is read as it is written (`translations/en.po`); there is no compiled form to forget. Texts to citizens
are approved data and none of this room's business.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, session

DANISH = "da"
ENGLISH = "en"
LANGUAGES = {DANISH: "Dansk", ENGLISH: "English"}
"""Each by its own name."""

KEPT = "language"
"""Where the browser's signed cookie keeps the choice."""

CATALOGUES = Path(__file__).parent / "translations"


class Domain(flask_babel.Domain):
    """Gives each language's translations from its catalogue; Danish needs none."""

    def get_translations(self) -> NullTranslations:
        """Return the translations of the language that this page is shown in."""
        return translations(language())


def set_up_languages(app: Flask) -> None:
    """Let templates ask for words by `_()` and dates be written in the language of the page."""
    babel = flask_babel.Babel(app, default_locale=DANISH, locale_selector=language)  # type: ignore[no-untyped-call]
    babel.domain_instance = Domain()  # type: ignore[no-untyped-call]


def language() -> str:
    """Return the language of the page that is being made: its own, or what its reader chose, Danish otherwise."""
    if not has_request_context():
        return DANISH
    chosen = g.get("language") or session.get(KEPT)
    return chosen if chosen in LANGUAGES else DANISH


def choose(word: str) -> None:
    """Show pages in this language from now on in this browser; a language we have none of changes nothing."""
    if word in LANGUAGES:
        session[KEPT] = word


def speak(word: str) -> None:
    """Make this page in one language, whatever its reader chose: for a page that is kept for several readers."""
    g.language = word


def choose_first(word: str) -> None:
    """As `choose`, in a browser in which nobody has chosen yet."""
    if KEPT not in session:
        choose(word)


@contextmanager
def danish() -> Iterator[None]:
    """Speak Danish meanwhile, whatever the language of the page: for words that are kept."""
    of_page = g.pop("language", None)
    g.language = DANISH
    try:
        yield
    finally:
        g.pop("language")
        if of_page is not None:
            g.language = of_page


def now(text: str, **values: Any) -> str:
    """Return a sentence in the language of the page, with `%(name)s` filled in."""
    said: str = flask_babel.gettext(text, **values)
    return said


def many(one: str, several: str, num: int, **values: Any) -> str:
    """Return the sentence for one or for several; `%(num)s` is how many."""
    said: str = flask_babel.ngettext(one, several, num, **values)
    return said


def later(text: str) -> str:
    """Return a sentence that is put into the language of the page when it is shown: for what is written down once."""
    return cast("str", flask_babel.lazy_gettext(text))


@cache
def translations(word: str) -> NullTranslations:
    """Return what the catalogue of a language says; for Danish each text is its own."""
    if word == DANISH:
        return NullTranslations()
    compiled = BytesIO()
    with (CATALOGUES / f"{word}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=word))
    compiled.seek(0)
    return Translations(compiled)
