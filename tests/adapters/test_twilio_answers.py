"""Answers to a send that no stub would give: whatever comes back, the message is accepted, refused or unclear."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.channels.twilio_sms import TwilioSmsChannel
from adapters.contract import Accepted, OutboundMessage
from adapters.errors import AdapterError, Misconfigured, OutcomeUnknown, TryLater
from adapters.http import Answer, AnswerLost, NothingLeft, UrlRefused
from tests.adapters.answers import AnswersWith

SID = "SM" + "1" * 32
MESSAGE = OutboundMessage(attempt_id="a", recipient="+4511112222", text="Hej", callback_token="t" * 32)
SETTINGS = {"account_sid": "AC" + "0" * 32, "auth_token": "x" * 32, "from_number": "+4560575700"}


def send(outcome: Answer | Exception) -> Accepted:
    channel = TwilioSmsChannel.from_settings(SETTINGS, http=AnswersWith(outcome), public_url="https://x.example.dk")
    return channel.send(MESSAGE)


def created(told: object, *, status: int = 201) -> Answer:
    return Answer(status=status, headers={}, body=json.dumps(told).encode())


@pytest.mark.parametrize(("segments", "counted"), [("2", 2), ("0", None), (None, None), ("many", None), (2, None)])
def test_accepted_message_is_accepted_however_its_segments_are_counted(segments: object, counted: int | None) -> None:
    accepted = send(created({"sid": SID, "num_segments": segments}))

    assert accepted == Accepted(provider_message_id=SID, segments=counted)


UNREADABLE: list[object] = [
    *(
        {},
        [],
        "x",
        None,
        1,
        {"sid": None},
        {"sid": ""},
        {"sid": "SM1"},
        {"sid": 7},
        {"sid": f"{SID}\n"},
        {"sid": [SID]},
    ),
    {"sid": SID, "date_created": 7},
]


@pytest.mark.parametrize("told", UNREADABLE)
def test_success_that_cannot_be_read_leaves_the_outcome_unknown(told: object) -> None:
    """F05: garbage after acceptance."""
    with pytest.raises(OutcomeUnknown):
        send(created(told))


@settings(deadline=None)
@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=40) | st.sampled_from([b'{"code": 21610}', b'{"code": 20429}', b'{"sid": "SM1"}']),
    retry_after=st.none() | st.text(max_size=8),
)
def test_every_answer_is_an_acceptance_or_one_of_our_errors(status: int, body: bytes, retry_after: str | None) -> None:
    headers = {} if retry_after is None else {"retry-after": retry_after}

    with pytest.raises(AdapterError) as error:
        send(Answer(status=status, headers=headers, body=body))

    if not 400 <= status < 500 and not (status == 503 and retry_after):
        assert isinstance(error.value, OutcomeUnknown)


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        (UrlRefused("not_https"), Misconfigured),
        (NothingLeft("connection_refused"), TryLater),
        (NothingLeft("tls_failed"), TryLater),
        (AnswerLost("read_timeout"), OutcomeUnknown),
        (AnswerLost("connection_cut"), OutcomeUnknown),
    ],
)
def test_what_left_decides_what_a_missing_answer_means(failure: Exception, meaning: type[AdapterError]) -> None:
    """RELIABILITY (c)1."""
    with pytest.raises(meaning, match=str(failure)):
        send(failure)
