"""What every channel must find out about a text before a request is made of it."""

from adapters.errors import RecipientRefused


def check_sendable(text: str) -> None:
    """RecipientRefused for a text with half a character in it (a lone surrogate), which no provider can be told."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RecipientRefused(
            "text_unsendable", sentence="Beskeden indeholder tegn, der ikke kan sendes. Skriv den igen."
        ) from None
