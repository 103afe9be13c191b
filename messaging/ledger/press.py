"""The process that makes one PDF: a page on its standard input, the document on its standard output.

It opens no address: of all a page may ask for, it gets our own fonts and nothing else.
"""

import sys
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

FONTS = Path(__file__).parents[1] / "web/static/vendor/dkfds/fonts/IBMPlexSans/complete/woff2"
STYLE = Path(__file__).parent / "html/ledger/print.css"
SCHEME = "font:"
FACES = {"regular": "IBMPlexSans-Regular.woff2", "bold": "IBMPlexSans-SemiBold.woff2"}


class AddressRefused(FatalURLFetchingError):
    """The page asked for something that is not ours: no document is made of it."""


class OurFonts(URLFetcher):
    """Hands out our fonts by name; raises AddressRefused for everything else."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002
        """Return the font of this name."""
        face = FACES.get(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
        if face is None:
            raise AddressRefused("the page asks for an address")
        return URLFetcherResponse(url, (FONTS / face).read_bytes(), headers={"Content-Type": "font/woff2"})


def main() -> None:
    """Make the document."""
    fetcher, fonts = OurFonts(), FontConfiguration()  # type: ignore[no-untyped-call]
    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=fetcher)
    style = CSS(string=STYLE.read_text(), url_fetcher=fetcher, font_config=fonts)
    page.write_pdf(sys.stdout.buffer, stylesheets=[style], font_config=fonts, pdf_tags=True)


if __name__ == "__main__":
    main()
