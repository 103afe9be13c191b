"""Brings the catalogues of the pages' languages up to date: `python -m tools.catalogue`.

Every text of the code and the templates gets an entry; those that are gone lose theirs. What is new has no translation
until somebody writes one into the file, and the suite fails until then.
"""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from messaging.web.language import CATALOGUES, DANISH, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("**/html/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "_now": None, "later": None, "_n": (1, 2), "many": (1, 2), "ngettext": (1, 2)}
"""`_` puts into a language at once or later, `_n` chooses between one and several, `_now` is `_` beside a later one;
`later` and `many` are called by their own names, too.
"""
WIDTH = 118


def texts() -> Catalog:
    """Return every text that pages show, as it is written in the code."""
    catalogue = Catalog(charset="utf-8")
    found = extract_from_dir(ROOT / "messaging", METHODS, keywords=KEYWORDS)
    for path, _line, text, comments, context in sorted(found, key=lambda it: (it[0], it[1])):
        catalogue.add(text, locations=[(f"messaging/{path}", None)], auto_comments=comments, context=context)
    return catalogue


def up_to_date(word: str) -> bytes:
    """Return the catalogue of a language with an entry for every text there is now."""
    path = CATALOGUES / f"{word}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=word)
    catalogue.update(texts(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=WIDTH, sort_output=True, omit_header=True)
    return HEADER.format(word=word).encode() + written.getvalue()


HEADER = """msgid ""
msgstr ""
"Language: {word}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def main() -> None:
    """Write the catalogues."""
    for word in LANGUAGES.keys() - {DANISH}:
        (CATALOGUES / f"{word}.po").write_bytes(up_to_date(word))


if __name__ == "__main__":
    main()
