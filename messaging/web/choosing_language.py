"""Where the reader of a page chooses the language of the pages."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from messaging.web import language
from messaging.web.pages import page_before, pages
from messaging.web.shell import current_shell

language_pages = pages("language", __name__, public=True)


@language_pages.post("/language")
def choose() -> Response:
    """Show this browser's pages in another language, and lead back to the page it was chosen on."""
    language.choose(request.form.get("language", ""))
    return redirect(page_before() or url_for(current_shell().home), code=303)
