"""Texts are filled in strictly, fit into SMS, and say nothing they must not."""

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.appointments.meeting_texts import load_meeting_texts, load_places
from messaging.clock import COPENHAGEN
from messaging.conversations.by_hand import SENT_BY_ITSELF
from messaging.conversations.content_gate import ContentClass, examine
from messaging.conversations.office import Office
from messaging.conversations.open_hours import OFFICE_HOURS
from messaging.conversations.rendering import (
    CONTENT_FREE,
    EmptyVariable,
    MalformedText,
    ShippedTemplate,
    UnknownVariable,
    blank,
    day_word,
    load_templates,
    render,
    short_day,
    wall_clock,
)
from messaging.conversations.search_wording import TEMPLATES
from messaging.conversations.segments import Encoding, measure
from messaging.conversations.writing_wording import TITLES

USUAL = {
    "first_name": "Sara",
    "caseworker": "Mette",
    "day": "to. 14/10",
    "day_word": "i morgen",
    "time": "10.30",
    "later_time": "13.00",
    "where": "Mødested 1",
    "later_where": "på telefon",
    "place": "Mødested 1",
    "purpose": "din plan",
    "next_step": "hvad der sker bagefter",
    "minutes": "30",
    "unit": "Ungecenteret",
    "app": "Mit Ungecenter",
    "office_phone": "00 00 00 00",
    "opening_hours": "på hverdage kl. 8-16",
    "deputy": "Ali",
    "stand_in": "Ali",
    "read_at": "to. 14/10 kl. 10.30",
    "code": "123456",
    "times": "4=ti. 19/10 10.30, 5=on. 20/10 10.30, 6=to. 21/10 10.30",
    "wish": "ti. 19/10 10.30",
}
LONG = USUAL | {
    "first_name": "Maximilian-Alexander",
    "caseworker": "Anne-Margrethe",
    "day": "to. 14/10",
    "day_word": "to. 14/10",
    "place": max((place.words for place in load_places()), key=len),
    "where": max((place.words for place in load_places()), key=len),
    "later_where": max((place.words for place in load_places()), key=len),
    "purpose": max((text.purpose for text in load_meeting_texts()), key=len),
    "next_step": max((text.next_step for text in load_meeting_texts()), key=len),
    "minutes": "120",
    "deputy": "Christian-Emil",
    "stand_in": "Christian-Emil",
}
ALL = pytest.mark.parametrize("template", load_templates(), ids=lambda text: f"{text.key}-{text.variant}")
MESSAGES = [*(f"M{number}" for number in range(1, 15)), "M1P", "M2K"]
TELLING = {
    "first_name",
    "caseworker",
    "deputy",
    "stand_in",
    "unit",
    "app",
    "purpose",
    "next_step",
    "place",
    "where",
    "later_where",
    "office_phone",
}


def test_every_message_of_the_list_is_shipped() -> None:
    assert {*MESSAGES, "start", "help", "danger", "cover", "stand_in", "away", "closed", "code"} == {
        template.key for template in load_templates()
    }


def test_every_version_of_a_text_is_shipped_once() -> None:
    names = [(text.key, text.variant, text.language, text.version) for text in load_templates()]

    assert len(names) == len(set(names))


@ALL
def test_text_fits_one_sms_with_usual_names(template: ShippedTemplate) -> None:
    size = measure(render(template.text, USUAL))

    assert size.encoding is Encoding.GSM_7
    assert size.count == (2 if template.key == "M7" else 1)


@ALL
def test_text_with_long_names_is_whole_and_takes_at_most_two_parts(template: ShippedTemplate) -> None:
    text = render(template.text, LONG)

    assert measure(text).encoding is Encoding.GSM_7
    assert measure(text).count <= 2
    assert all(LONG[name] in text for name in template.variables)


@ALL
def test_text_passes_the_content_gate(template: ShippedTemplate) -> None:
    assert template.content_class is ContentClass.SMS_OK
    assert examine(render(template.text, LONG)) == ()


@pytest.mark.parametrize("template", [t for t in load_templates() if t.variant == CONTENT_FREE], ids=lambda t: t.key)
def test_content_free_text_tells_nothing_about_the_person_or_the_unit(template: ShippedTemplate) -> None:
    assert TELLING.isdisjoint(template.variables)
    assert "Ungecenter" not in template.text


@pytest.mark.parametrize("key", ["M8", "start", "help", "danger"])
def test_answer_that_may_go_to_any_number_needs_no_variables(key: str) -> None:
    (template,) = [text for text in load_templates() if text.key == key and text.variant != "app"]

    assert template.variables == ()
    assert "Ungecenter" not in template.text


@pytest.mark.parametrize("key", ["M1", "M1P", "M2", "M2K", "M4", "M10", "M13"])
def test_text_about_a_meeting_has_a_wording_for_every_form(key: str) -> None:
    variants = {text.variant for text in load_templates() if text.key == key}

    assert {"in_person", "phone", "video"} <= variants


def test_only_a_meeting_in_person_names_a_place() -> None:
    with_place = {(text.key, text.variant) for text in load_templates() if "place" in text.variables}

    assert with_place == {(key, "in_person") for key in ("M1", "M1P", "M2", "M2K", "M4")}


@pytest.mark.parametrize("key", ["M1", "M2", "M4"])
def test_phone_meeting_says_who_calls_and_video_meeting_where_to_log_in(key: str) -> None:
    texts = {text.variant: render(text.text, USUAL) for text in load_templates() if text.key == key}

    assert "Mette ringer til dig" in texts["phone"]
    assert "Log ind i Mit Ungecenter" in texts["video"]


@pytest.mark.parametrize(
    ("key", "variant"),
    [
        ("M11", ""),
        ("M11", CONTENT_FREE),
        ("M3", "closed"),
        ("danger", ""),
        ("M11", "app"),
        ("away", "app"),
        ("M3", "closed_app"),
        ("danger", "app"),
    ],
)
def test_automatic_answer_names_112_and_livslinien(key: str, variant: str) -> None:
    (template,) = [text for text in load_templates() if (text.key, text.variant) == (key, variant)]

    assert "112" in template.text
    assert "70 201 201" in template.text


def test_approved_words_do_not_repeat_the_names_of_meeting_types(shared: Path) -> None:
    with (shared / "data" / "appointments.csv").open(encoding="utf-8-sig", newline="") as lines:
        types = {row["samtaletype"] for row in csv.DictReader(lines, delimiter=";")}
    stems = [re.sub(r"(s?samtale|møde)$", "", meeting_type.casefold()).strip(" -") for meeting_type in types]

    assert types <= {text.meeting_type for text in load_meeting_texts()}
    for text in load_meeting_texts():
        words = f"{text.purpose} {text.next_step}".casefold()
        assert not [stem for stem in stems if stem in words]


def test_all_places_of_the_export_are_approved(shared: Path) -> None:
    with (shared / "data" / "appointments.csv").open(encoding="utf-8-sig", newline="") as lines:
        places = {row["sted"] for row in csv.DictReader(lines, delimiter=";") if row["huskeservice"]}

    assert places == {place.name for place in load_places()}


def test_there_is_a_neutral_text_for_other_meeting_types() -> None:
    assert "" in {text.meeting_type for text in load_meeting_texts()}


def test_placeholders_are_filled_in() -> None:
    assert render("Hej {first_name}. Kl. {time}.", {"first_name": " Sara ", "time": "10.30"}) == "Hej Sara. Kl. 10.30."


def test_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    assert render("Hej {first_name}.", {"first_name": "{time}", "time": "10.30"}) == "Hej {time}."


def test_text_can_be_filled_in_bit_by_bit() -> None:
    begun = blank("Hej {first_name}. Vi ses {day} kl. {time}.").fill({"day": "to. 14/10", "time": "{first_name}"})

    with pytest.raises(UnknownVariable) as caught:
        begun.whole()
    assert caught.value.field == "first_name"
    assert begun.fill({"first_name": " Sara "}).whole() == "Hej Sara. Vi ses to. 14/10 kl. {first_name}."


def test_variable_without_value_is_named() -> None:
    with pytest.raises(UnknownVariable) as refusal:
        render("Hej {first_name}.", {})

    assert refusal.value.field == "first_name"


@pytest.mark.parametrize("value", ["", "  ", "\n"])
def test_empty_variable_is_named(value: str) -> None:
    with pytest.raises(EmptyVariable) as refusal:
        render("Hej {first_name}.", {"first_name": value})

    assert refusal.value.field == "first_name"


@pytest.mark.parametrize(
    "text", ["{first_name.__class__}", "{first_name!r}", "{0}", "{}", "{first_name:>10}", "{", "}}", "{{a}}"]
)
def test_nothing_but_plain_names_may_stand_in_braces(text: str) -> None:
    with pytest.raises(MalformedText):
        render(text, {"first_name": "Sara", "a": "x"})


@given(st.dictionaries(st.sampled_from(sorted(USUAL)), st.text(min_size=1).filter(str.strip), min_size=1))
def test_values_stand_unchanged_in_the_text(variables: dict[str, str]) -> None:
    text = render("|".join(f"{{{name}}}" for name in variables), variables)

    assert text == "|".join(value.strip() for value in variables.values())


def test_days_and_times_are_written_by_copenhagens_clock() -> None:
    at = datetime(2027, 10, 14, 8, 30, tzinfo=UTC)

    assert (short_day(at), wall_clock(at)) == ("to. 14/10", "10.30")


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ("2027-10-13 00:00", "i morgen"),
        ("2027-10-13 23:59", "i morgen"),
        ("2027-10-14 09:00", "i dag"),
        ("2027-10-12 23:59", "to. 14/10"),
    ],
)
def test_word_for_the_day_is_true_when_the_text_is_sent(sent: str, word: str) -> None:
    sent_at = datetime.fromisoformat(sent).replace(tzinfo=COPENHAGEN)

    assert day_word(datetime(2027, 10, 14, 8, 30, tzinfo=UTC), sent_at=sent_at) == word


@ALL
def test_office_gives_what_the_texts_call_it_by(template: ShippedTemplate) -> None:
    office = Office(unit="U", phone="1", app="A", hours=OFFICE_HOURS)
    others = {name for name in USUAL if name not in {"unit", "office_phone", "app", "opening_hours"}}

    assert set(template.variables) <= office.variables.keys() | others


def test_every_shipped_text_has_a_name_in_words() -> None:
    keys = {text.key for text in load_templates()}

    assert keys - set(TEMPLATES) == set()


def test_every_shipped_text_that_a_caseworker_may_choose_has_a_title() -> None:
    keys = {text.key for text in load_templates()}

    assert keys - SENT_BY_ITSELF - set(TITLES) == set()
