"""S5: where files of an MMS are fetched, and where our credentials never go."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from adapters.channels.twilio_media import LARGEST, TIMEOUTS, TwilioMedia
from adapters.contract import MediaReference
from adapters.errors import AdapterError, MediaRefused, Misconfigured, TryLater
from adapters.http import Answer, AnswerLost, HttpFailure, HttpSession, NothingLeft, UrlRefused

ACCOUNT = f"AC{'0' * 32}"
ORIGIN = "https://api.twilio.com"
URL = f"{ORIGIN}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'1' * 32}/Media/ME{'2' * 32}"
STORE = "https://mms.twiliocdn.com/ACx/file?Signature=1"


@dataclass
class Wire:
    """Answers what it is told, and remembers what was asked with which credentials."""

    answers: list[Answer | HttpFailure]
    asked: list[tuple[str, tuple[str, str] | None]] = field(default_factory=list)
    bounds: list[tuple[int, float]] = field(default_factory=list)

    def request(self, method: str, url: str, *, timeouts: Any, auth: Any, largest: int) -> Answer:
        assert method == "GET"
        self.asked.append((url, auth))
        self.bounds.append((largest, timeouts.read))
        answer = self.answers.pop(0)
        if isinstance(answer, HttpFailure):
            raise answer
        return answer


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status=status, headers=headers, body=body)


def fetch(wire: Wire, url: str = URL) -> bytes:
    media = TwilioMedia(cast("HttpSession", wire), account=ACCOUNT, origin=ORIGIN, auth=("SK1", "secret"))
    return media.fetch(MediaReference(url=url, content_type="image/jpeg"))


def test_file_that_the_api_holds_is_returned() -> None:
    wire = Wire([answer(body=b"jpeg")])

    assert fetch(wire) == b"jpeg"
    assert wire.asked == [(URL, ("SK1", "secret"))]
    assert wire.bounds == [(LARGEST, TIMEOUTS.read)]
    assert (LARGEST, TIMEOUTS.read) == (5_000_000, 10)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_s5_redirect_to_a_store_is_followed_without_credentials(status: int) -> None:
    wire = Wire([answer(status, location=STORE), answer(body=b"jpeg")])

    assert fetch(wire) == b"jpeg"
    assert wire.asked == [(URL, ("SK1", "secret")), (STORE, None)]


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://mms.twiliocdn.com/x",
        "https://evil.example/x",
        "https://mms.twiliocdn.com.evil.example/x",
        "https://mms.twiliocdn.com:8443/x",
        "https://a:b@mms.twiliocdn.com/x",
        "https://mms.twiliocdn.com@evil.example/x",
        "//evil.example/x",
        "/2010-04-01/elsewhere",
        "https://[",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        f"{ORIGIN}/2010-04-01/x",
    ],
)
def test_s5_redirect_to_anywhere_else_is_not_followed(location: str) -> None:
    wire = Wire([answer(302, location=location)])

    with pytest.raises(MediaRefused):
        fetch(wire)
    assert len(wire.asked) == 1


def test_s5_second_redirect_is_not_followed() -> None:
    wire = Wire([answer(302, location=STORE), answer(302, location=STORE)])

    with pytest.raises(MediaRefused):
        fetch(wire)
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/2010-04-01/x",
        URL.replace("https", "http"),
        URL.replace(ACCOUNT, f"AC{'9' * 32}"),
        URL.replace("api.twilio.com", "api.twilio.com.evil.example"),
        URL.replace("api.twilio.com", "api.twilio.com@evil.example"),
        URL + "/../../../Keys.json",
        URL + "?x=https://evil.example",
        f"{ORIGIN}/2010-04-01/Accounts/{ACCOUNT}/Keys.json",
        "",
    ],
)
def test_s5_forged_address_of_a_webhook_is_not_fetched(url: str) -> None:
    wire = Wire([])

    with pytest.raises(MediaRefused, match="media_url"):
        fetch(wire, url)
    assert wire.asked == []


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (answer(404), MediaRefused),
        (answer(410), MediaRefused),
        (answer(401), Misconfigured),
        (answer(403), Misconfigured),
        (answer(429), TryLater),
        (answer(500), TryLater),
        (AnswerLost("answer_too_large"), MediaRefused),
        (AnswerLost("answer_too_slow"), TryLater),
        (NothingLeft("connection_refused"), TryLater),
        (UrlRefused("address"), MediaRefused),
    ],
)
def test_failure_tells_whether_trying_again_helps(told: Answer | HttpFailure, error: type[AdapterError]) -> None:
    with pytest.raises(error):
        fetch(Wire([told]))
