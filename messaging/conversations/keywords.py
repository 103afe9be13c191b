"""The words that switch SMS off and on, and what must be cleaned from a text before anyone reads it.

Only a message that is nothing but a keyword acts by itself. "Cancel", "end" and "quit" are never ours: a citizen who
writes them means the meeting. Longer wishes to be left alone are read as answers are, and shown to a human.
"""

import enum
import unicodedata
from dataclasses import dataclass

from messaging.conversations.phrases import BIDI, TAGS, ZERO_WIDTH, compile_phrase, fold, without_unseen

_LONGEST_KEYWORD = 64
"""Characters a bare keyword may take with its decoration; more is not read as one."""


class Keyword(enum.StrEnum):
    """What a bare keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


_KEYWORDS = {
    "stop": Keyword.STOP,
    "afmeld": Keyword.STOP,
    "start": Keyword.START,
    "tilmeld": Keyword.START,
    "hjaelp": Keyword.HELP,
    "hjalp": Keyword.HELP,
    "help": Keyword.HELP,
}

_OBJECT = "(sms|smser|beskeder|smsbeskeder|påmindelser|texts|messages)"
_WISHES = (
    ". (afmeld|frameld) mig [fra] [sms|smser|listen|beskeder|jeres sms|jeres beskeder] [tak|venligst|nu] .",
    "(stop|slut|stoppe) [nu|så|venligst] med [at] [sende|skrive] [mig|de|de her|alle|jeres|alle de] <object>",
    "(stop|slut|stoppe) [nu|så|venligst] med at skrive [til mig]",
    "(lad være|hold op) med at (skrive|smse) [til] [mig]",
    "(lad være|hold op) med at sende [mig] [de|de her|flere] <object>",
    "(vil|ønsker|gider|skal) [bare] ikke [længere|at] (have|modtage|få) [flere|mere|de|de her|jeres|nogen] <object>",
    "(vil|ønsker|gider) ikke [længere] [flere] [jeres] <object>",
    "ikke flere <object>",
    "(slet|fjern) (mit nummer|mig fra (listen|jeres liste|systemet|jeres system))",
    "(afmeldes|frameldes) [fra] [jeres] <object>",
    "(stop|quit) (texting|messaging|sending|writing) [me|to]",
    "(no|dont send [me]|do not send [me]) [any] more <object>",
    "i (dont|do not) want [any|your] [more] <object>",
    "(dont|do not) (text|message|sms) me",
    ". unsubscribe [me] [please] .",
)
"""Wishes to be left alone; each names the messages, so that "stop" said of a meeting or a job is never one."""

OPT_OUT_WISHES = tuple(compile_phrase(phrase, pieces={"object": _OBJECT}) for phrase in _WISHES)


_ASCII_CONTROL = frozenset(map(chr, (*range(32), 127)))


class Oddity(enum.StrEnum):
    """What was unusual about a text; shown to the caseworker, because such texts can look like something else."""

    CONTROL = "control"
    LONE_SURROGATE = "lone_surrogate"
    BIDI = "bidi"
    ZERO_WIDTH = "zero_width"
    TAG = "tag"


@dataclass(frozen=True, kw_only=True)
class CleanText:
    """A text that is safe to store, show and export, and what was odd about the one it came from."""

    text: str
    oddities: frozenset[Oddity]


def bare_keyword(text: str) -> Keyword | None:
    """Return the keyword if the text is nothing else, apart from case, punctuation, emoji and unseen characters."""
    kernel = without_unseen(text).strip()
    if len(kernel) > _LONGEST_KEYWORD:
        return None
    letters = fold(kernel)
    while letters and not letters[0].isalnum():
        letters = letters[1:]
    while letters and not letters[-1].isalnum():
        letters = letters[:-1]
    return _KEYWORDS.get(letters)


def clean_text(text: str) -> CleanText:
    """Compose letters (NFC), drop ASCII's control characters but newline and tab, replace lone surrogates by U+FFFD.

    The other control characters (phones send them for quotation marks), bidi, zero-width and tag characters are kept,
    because emoji and other scripts need them, but reported.
    """
    if text.isprintable() and ZERO_WIDTH.isdisjoint(text) and unicodedata.is_normalized("NFC", text):
        return CleanText(text=text, oddities=frozenset())  # nearly all
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = lines.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    kept = "".join(character for character in whole if character in "\n\t" or character not in _ASCII_CONTROL)
    oddities = {
        Oddity.CONTROL: any(unicodedata.category(character) == "Cc" for character in whole if character not in "\n\t"),
        Oddity.LONE_SURROGATE: whole != lines,
        Oddity.BIDI: not BIDI.isdisjoint(kept),
        Oddity.ZERO_WIDTH: not ZERO_WIDTH.isdisjoint(kept),
        Oddity.TAG: not TAGS.isdisjoint(kept),
    }
    return CleanText(
        text=unicodedata.normalize("NFC", kept),
        oddities=frozenset(oddity for oddity, found in oddities.items() if found),
    )
