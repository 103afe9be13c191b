"""How answers to a reminder are understood, on the shared texts and on others written before the rules were tuned."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messaging.appointments.reply_rules import COURTESIES, RULES, Label
from messaging.appointments.understanding import LONGEST, Understanding, understand
from messaging.conversations.keywords import bare_keyword

TODAY = date(2027, 1, 4)


def read(text: str) -> Understanding:
    """Understand a text by the rules in force."""
    return understand(text, on=TODAY)


def labelled(path: Path) -> list[tuple[Label, str]]:
    """Texts with what they mean, one a line."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [(Label(label), text) for label, text in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]


UNSEEN_FILE = Path(__file__).parent / "unseen_replies.tsv"
UNSEEN = labelled(UNSEEN_FILE)


def test_all_shared_replies_are_understood(shared: Path) -> None:
    replies = labelled(shared / "data" / "replies.tsv")

    assert [(text, read(text).label) for label, text in replies if read(text).label is not label] == []


def test_no_unseen_reply_is_misunderstood() -> None:
    wrong = [(text, read(text).label) for label, text in UNSEEN if read(text).label not in {label, Label.OTHER}]

    assert wrong == []


@pytest.mark.parametrize("label", sorted(Label))
def test_nine_in_ten_unseen_replies_of_every_label_are_understood(label: Label) -> None:
    texts = [text for expected, text in UNSEEN if expected is label]

    assert sum(read(text).label is label for text in texts) >= 0.9 * len(texts)


def test_no_reply_but_a_wish_to_be_left_alone_is_taken_as_stop(shared: Path) -> None:
    replies = labelled(shared / "data" / "replies.tsv") + UNSEEN

    assert [text for label, text in replies if label is not Label.STOP and read(text).label is Label.STOP] == []


@pytest.mark.parametrize(
    "text",
    [
        *("cancel", "Cancel please", "end", "quit"),
        *("afmeld mødet", "afmeld mig fra mødet", "afmeld mig i morgen", "stop med at sende mig til møder"),
        *("jeg vil ikke have flere samtaler", "kan I stoppe mødet", "jeg er syg"),
        *("jeg stopper på HF", "Jeg starter på HF til august"),
    ],
)
def test_word_about_the_meeting_or_life_is_never_stop(text: str) -> None:
    assert read(text).label is not Label.STOP


@pytest.mark.parametrize(
    "text",
    [
        "afmeld mig",
        "Stop med at sende mig sms'er",
        "vil ikke have flere beskeder fra jer",
        "Jeg ønsker ikke at modtage jeres sms",
        "lad vaere med at skrive til mig",
        "gider ikke jeres beskeder mere",
        "please stop texting me",
    ],
)
def test_longer_wish_to_be_left_alone_is_stop_but_no_keyword(text: str) -> None:
    assert read(text).label is Label.STOP
    assert bare_keyword(text) is None


@pytest.mark.parametrize(
    "text", ["1", "1.", "ja tak", "Ok 👍", "Ja kl. 9 passer mig", "Hej Mette, jeg kommer. Mvh Sara", "tak", "ok tak 😊"]
)
def test_clean_confirmation_or_thanks_may_settle_itself(text: str) -> None:
    assert read(text).may_settle


@pytest.mark.parametrize(
    "text",
    [
        "1, men jeg har det dårligt",
        "Ja, men hvor er det?",
        "ja?",
        "ok 😡",
        "Ja jeg kommer sammen med min mor",
        "tak for ingenting",
        "1 eller 2",
        "Ja hvis jeg kan nå det",
        "kommer måske",
        "ja og jeg er ked af det hele",
    ],
)
def test_confirmation_with_more_to_it_waits_for_a_human(text: str) -> None:
    assert not read(text).may_settle


@pytest.mark.parametrize(
    "text", ["2", "jeg er syg", "bliver 10 min forsinket", "hvor er det henne?", "forkert nummer", "STOP"]
)
def test_nothing_but_confirmation_and_thanks_may_settle_itself(text: str) -> None:
    assert not read(text).may_settle


@pytest.mark.parametrize(
    "text", ["Ja tak, jeg vil dø", "1. Jeg slår jer ihjel", "syg, min kæreste slår mig", "tak, I want to die"]
)
def test_text_with_a_sign_of_danger_is_left_to_a_human(text: str) -> None:
    assert read(text).label is Label.OTHER


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("jeg er syg og kommer ikke", Label.SICK),
        ("ja kommer, men 10 min forsinket", Label.LATE),
        ("hvem er det? I har forkert nummer", Label.WRONG_NUMBER),
    ],
)
def test_meaning_that_includes_another_prevails(text: str, label: Label) -> None:
    assert read(text).label is label


@pytest.mark.parametrize(
    "text",
    ["jeg er syg, hvor er det henne?", "ja, kan jeg få en ny tid", "bliver forsinket, kan vi flytte mødet", "1 2"],
)
def test_two_meanings_are_left_to_a_human_as_unsure(text: str) -> None:
    understood = read(text)

    assert (understood.label, understood.unsure) == (Label.OTHER, True)


@pytest.mark.parametrize(
    "text",
    ["jeg er ikke syg", "bliver ikke forsinket", "det er ikke forkert nummer", "jeg kommer ikke for sent", "syg?"],
)
def test_negation_or_doubt_no_rule_explains_is_left_to_a_human(text: str) -> None:
    assert read(text).label is Label.OTHER


def test_unsure_reading_says_what_it_may_be() -> None:
    assert read("Ja jeg kommer sammen med min mor").suggestion is Label.CONFIRM


@pytest.mark.parametrize("text", ["maa jeg tage min mor med", "ma jeg tage min mor med", "MÅ JEG TAGE MIN MOR MED??"])
def test_danish_letters_may_be_written_in_any_way(text: str) -> None:
    assert read(text).label is Label.QUESTION


@pytest.mark.parametrize("text", ["jeg komer", "jeg kommmer", "jeg kmomer"])
def test_small_misspelling_is_read(text: str) -> None:
    assert read(text).label is Label.CONFIRM


def test_long_text_is_a_letter_and_left_to_a_human() -> None:
    assert read("jeg er syg. " + "bla " * (LONGEST // 4)).label is Label.OTHER


def test_firm_phrase_in_a_long_story_is_left_to_a_human() -> None:
    story = "min onkel fortalte i går aftes at naboens gamle kat spiste al fisken ved søen sidste sommer og jeg er syg"

    assert read(story).suggestion is Label.SICK
    assert read(story).unsure


def test_every_rule_has_a_name_of_its_own_and_is_used(shared: Path) -> None:
    names = [rule.name for rule in RULES]
    used = {read(text).rule for _, text in labelled(shared / "data" / "replies.tsv") + UNSEEN}
    deciding = {rule.name for rule in RULES if rule.label is not Label.OTHER}

    assert len(names) == len(set(names))
    assert deciding <= used


def test_no_phrase_matches_nothing_at_all() -> None:
    phrases = [phrase for rule in RULES for phrase in rule.phrases] + list(COURTESIES)

    assert [phrase.pattern for phrase in phrases if phrase.search(" . ")] == []


@given(st.text(max_size=400))
def test_any_text_is_understood_or_left_to_a_human(text: str) -> None:
    understood = read(text)

    assert (understood.label is Label.OTHER) is (understood.rule is None)
    assert not (understood.whole_text and understood.unsure)


WORDS = "ja|nej|1|2|ok|tak|syg|jeg|er|kommer|ikke|forsinket|ny|tid|hvor|mødet|kan|vi|ses|hej|for|flytte|stop|👍|?|.|men"
words = st.sampled_from(WORDS.split("|"))


@given(st.lists(words, max_size=8).map(" ".join))
@example("tak ny")
@example("hej ny")
@example("vi ses flytte")
@example("tak for hjælpen men ikke")
def test_what_settles_itself_has_no_word_of_any_other_meaning(text: str) -> None:
    if read(text).may_settle:
        assert not {"nej", "2", "syg", "ikke", "forsinket", "ny", "hvor", "flytte", "men", "?"} & set(text.split())
