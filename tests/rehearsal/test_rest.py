"""A rehearsal rests only when all that was written has come in, whichever way it came."""

from contextlib import closing
from pathlib import Path

from adapters.stubs.store import Store
from messaging.rehearsal.rest import untaken
from messaging.runtime import Runtime
from tests.conversations.conftest import Town

WRITE = """
    INSERT INTO messages (id, channel, direction, sender, recipient, text, status, created_at, segments)
    VALUES (?, 'twilio_sms', 'in', '', '', '', 'received', '2027-01-04T09:00:00Z', 1)
"""


def test_text_whose_webhook_was_refused_is_counted_until_the_poll_has_taken_it(
    runtime: Runtime, town: Town, tmp_path: Path
) -> None:
    town.citizen()
    town.hears("hej", id_="SM1")
    with closing(Store(tmp_path / "stub.db")) as store:
        for id_ in ("SM1", "SM2"):
            store.write(lambda connection, id_=id_: connection.execute(WRITE, (id_,)))
    count = untaken(tmp_path)

    def left() -> int:
        with runtime.database.read() as session:
            return count(session, runtime.clock.now())

    assert left() == 1
    town.hears("hallo?", id_="SM2", sender="+4550123456")
    assert left() == 0
