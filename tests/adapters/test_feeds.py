"""Fetching a feed: what is asked, what an answer means, and nothing of the address or the secret in any error."""

from collections.abc import Iterator

import pytest

from adapters.errors import AdapterError, Misconfigured, TryLater
from adapters.feed_contract import FeedRequest
from adapters.feeds import FeedReader
from adapters.http import HttpSession
from tests.contract.feed_server import FeedServer, feed_server

SECRET = "Bearer hemmelig-kode"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as server:
        yield server


@pytest.fixture
def reader(server: FeedServer) -> Iterator[FeedReader]:
    http = HttpSession(stub_origins=[server.origin])
    yield FeedReader(http)
    http.close()


def request(server: FeedServer, **known: str) -> FeedRequest:
    """The usual request."""
    return FeedRequest(url=f"{server.origin}/kal.ics?key=gemt", headers={"Authorization": SECRET}, **known)


def test_file_comes_with_what_the_other_side_calls_it(server: FeedServer, reader: FeedReader) -> None:
    server.lays_out(b"BEGIN", etag='"1"')
    server.headers = {"Last-Modified": "Mon, 04 Jan 2027 08:00:00 GMT"}

    file = reader.fetch(request(server))

    assert file is not None
    assert (file.body, file.etag, file.last_modified) == (b"BEGIN", '"1"', "Mon, 04 Jan 2027 08:00:00 GMT")
    assert server.asked[0]["authorization"] == SECRET
    assert "if-none-match" not in server.asked[0]


def test_file_we_have_is_not_sent_again(server: FeedServer, reader: FeedReader) -> None:
    server.lays_out(b"BEGIN", etag='"1"')

    assert reader.fetch(request(server, etag='"1"', last_modified="Mon, 04 Jan 2027 08:00:00 GMT")) is None
    assert server.asked[0]["if-modified-since"] == "Mon, 04 Jan 2027 08:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (301, Misconfigured, "redirected"),
        (302, Misconfigured, "redirected"),
        (401, Misconfigured, "refused"),
        (403, Misconfigured, "refused"),
        (404, Misconfigured, "gone"),
        (410, Misconfigured, "gone"),
        (429, TryLater, "busy"),
        (500, TryLater, "server_error"),
        (503, TryLater, "busy"),
        (206, TryLater, "unexpected_answer"),
    ],
)
def test_answer_without_a_file_is_an_error_and_no_redirect_is_followed(
    server: FeedServer, reader: FeedReader, status: int, error: type[AdapterError], code: str
) -> None:
    server.status = status
    server.headers = {"Location": f"{server.origin}/andetsteds", "Retry-After": "120"}

    with pytest.raises(error) as failed:
        reader.fetch(request(server))

    assert failed.value.code == code
    assert getattr(failed.value, "retry_after", None) in {None, 120.0}
    assert len(server.asked) == 1


def test_address_that_is_not_https_is_never_called(server: FeedServer) -> None:
    http = HttpSession()

    with pytest.raises(Misconfigured) as failed:
        FeedReader(http).fetch(request(server))

    assert failed.value.code == "url_refused"
    assert server.asked == []
    http.close()


def test_system_that_is_down_is_tried_later_and_its_address_is_told_nobody() -> None:
    with feed_server() as server:
        asked = request(server)
    http = HttpSession(stub_origins=[server.origin])

    with pytest.raises(TryLater) as failed:
        FeedReader(http).fetch(asked)

    assert failed.value.code == "unreachable"
    assert "gemt" not in repr(failed.value) + repr(asked)
    assert SECRET not in repr(asked)
    http.close()
