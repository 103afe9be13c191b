"""What is put into the input of a rehearsal, and what is left as it came."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from messaging.appointments.booking_file import read_bookings
from messaging.errors import InvalidInput
from messaging.rehearsal.canaries import Canaries
from messaging.rehearsal.city import city_files
from messaging.rehearsal.input import mark_bookings, read_replies, read_texts, starts_of

HEADER = "aftale_id;cpr;fornavn;efternavn;start;formaal"
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
GOOD = 'A1;610199-4000;Sara;Holm;04-01-2027 15:45;"Din plan; og den næste"'


def file_of(*lines: str) -> bytes:
    return ("\ufeff" + "\r\n".join([HEADER, *lines]) + "\r\n").encode()


@pytest.fixture
def canaries() -> Canaries:
    return Canaries(Random(7))


def lines_of(data: bytes) -> list[bytes]:
    return data.split(b"\r\n")


def test_name_and_purpose_of_a_booking_carry_the_same_canary(canaries: Canaries) -> None:
    line = lines_of(mark_bookings(file_of(GOOD), canaries))[1].decode()

    name, purpose = line.split(";")[2], line.split(";", 5)[5]
    canary = name.removeprefix("Sara")
    assert canary.startswith(canaries.mark)
    assert purpose == f'"Din plan; og den næste {canary}"'


def test_one_person_has_one_canary_and_two_have_two(canaries: Canaries) -> None:
    other = GOOD.replace("4000", "4001")
    marked = lines_of(mark_bookings(file_of(GOOD, GOOD, other), canaries))
    names = [line.split(b";")[2] for line in marked[1:4]]

    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    "faulty",
    [
        "A2;610199-4000;Sara;Holm;04-01-2027 15:45",
        'A3;610199-4000;"Sara ""kun"" Holm;04-01-2027',
        "A4;;;;;;;;; ",
        "\t",
        "",
    ],
)
def test_line_with_another_number_of_fields_stays_byte_for_byte(faulty: str, canaries: Canaries) -> None:
    marked = mark_bookings(file_of(GOOD, faulty, GOOD), canaries)

    assert lines_of(marked)[2] == faulty.encode()


def test_header_and_byte_order_mark_stay(canaries: Canaries) -> None:
    assert lines_of(mark_bookings(file_of(GOOD), canaries))[0] == ("\ufeff" + HEADER).encode()


def test_marked_file_is_read_as_the_unmarked_one_was(canaries: Canaries) -> None:
    _, bookings = city_files(NOW, Random(1))
    before, after = read_bookings(bookings, now=NOW), read_bookings(mark_bookings(bookings, canaries), now=NOW)

    assert len(after.rows) == len(before.rows) > 0
    assert after.rejected == before.rejected
    assert [row.external_id for row in after.rows] == [row.external_id for row in before.rows]


def test_real_file_keeps_its_faults_when_it_is_marked(shared: Path, canaries: Canaries) -> None:
    data = (shared / "data" / "appointments.csv").read_bytes()
    before, after = read_bookings(data, now=NOW), read_bookings(mark_bookings(data, canaries), now=NOW)

    assert [(line.line, line.code) for line in after.rejected] == [(line.line, line.code) for line in before.rejected]
    assert after.rejected


def test_booking_file_without_its_columns_is_named(canaries: Canaries) -> None:
    with pytest.raises(InvalidInput, match="cpr, formaal"):
        mark_bookings(b"aftale_id;fornavn;start\r\n", canaries)


def test_every_text_has_a_canary_at_its_end(canaries: Canaries, tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("hej med jer  \n\n£ og 😊\n", encoding="utf-8")
    first, second = read_texts(tmp_path / "texts", canaries)

    assert first.startswith(f"hej med jer {canaries.mark}")
    assert second.startswith(f"£ og 😊 {canaries.mark}")
    assert first[-16:] != second[-16:]


def test_reply_without_a_label_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "replies.tsv").write_text("confirm\t1\nja tak\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match=r"line 2 of replies\.tsv"):
        read_replies(tmp_path / "replies.tsv")


def test_starts_are_the_times_that_can_be_read() -> None:
    unreadable = GOOD.replace("04-01-2027 15:45", "i morgen")

    assert starts_of(file_of(GOOD, unreadable)) == [datetime(2027, 1, 4, 14, 45, tzinfo=UTC)]


def test_file_without_a_single_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no line"):
        starts_of(file_of(GOOD.replace("04-01-2027 15:45", "i morgen")))
