"""Files that citizens sent by MMS, fetched from Twilio: our credentials go to Twilio's API alone, and nowhere after it.

The API answers with the file, or leads to one of two stores by an address that needs no credentials and holds for some
hours. Nothing else is called, whatever a webhook or an answer says.
"""

import re
from urllib.parse import urlsplit

from adapters.contract import MediaReference
from adapters.errors import AdapterError, MediaRefused, Misconfigured, TryLater
from adapters.http import Answer, AnswerLost, HttpFailure, HttpSession, Timeouts, UrlRefused

STORES = frozenset({"mms.twiliocdn.com", "s3-external-1.amazonaws.com"})
LARGEST = 5_000_000
"""What Twilio takes of all files of a message together."""
TIMEOUTS = Timeouts(connect=3, read=10)
_LEADS_ON = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})


class TwilioMedia:
    """The files of one account. `origin` is the API's, `auth` opens it."""

    def __init__(self, http: HttpSession, *, account: str, origin: str, auth: tuple[str, str]) -> None:
        self._http = http
        self._auth = auth
        self._origin = origin
        self._shape = re.compile(
            re.escape(f"{origin}/2010-04-01/Accounts/{account}/Messages/") + r"[SM]M[0-9a-f]{32}/Media/ME[0-9a-f]{32}"
        )

    def fetch(self, reference: MediaReference) -> bytes:
        """Return the file. Raises MediaRefused where it never can be had, TryLater or Misconfigured."""
        if not self._shape.fullmatch(reference.url):
            raise MediaRefused("media_url")
        answer = self._get(reference.url, auth=self._auth)
        if answer.status in _LEADS_ON:
            answer = self._get(self._store(answer.headers.get("location", "")), auth=None)
        if answer.status == 200:
            return answer.body
        raise _why_not(answer)

    def _store(self, address: str) -> str:
        """Return an address to which we may be led. Raises MediaRefused."""
        try:
            parts = urlsplit(address)
            at_store = parts.scheme == "https" and parts.netloc in STORES
        except ValueError:
            at_store = False
        at_stub = self._origin.startswith("http://") and address.startswith(f"{self._origin}/")
        if not (at_store or at_stub):
            raise MediaRefused("media_redirect")
        return address

    def _get(self, url: str, *, auth: tuple[str, str] | None) -> Answer:
        try:
            return self._http.request("GET", url, timeouts=TIMEOUTS, auth=auth, largest=LARGEST)
        except UrlRefused as failure:
            raise MediaRefused(failure.code) from None
        except AnswerLost as failure:
            if failure.code == "answer_too_large":
                raise MediaRefused("media_too_large") from None
            raise TryLater(failure.code) from None
        except HttpFailure as failure:
            raise TryLater(failure.code) from None


def _why_not(answer: Answer) -> AdapterError:
    code = f"http_{answer.status}"
    if answer.status in _GONE or answer.status in _LEADS_ON:
        return MediaRefused(code)
    if answer.status in {401, 403}:
        return Misconfigured(code)
    return TryLater(code, retry_after=answer.retry_after)
