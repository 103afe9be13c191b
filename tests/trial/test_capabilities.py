"""The table of the arms is whole, and says what the trial promises of each."""

from itertools import product

import pytest

from messaging.people.arm_models import Arm
from messaging.trial.capabilities import REASONS, TABLE, Sort, Way, rule_for, way_of_itself, why_withheld

EVERY = [*product(Sort, Arm)]
IN_EVERY_ARM = (Sort.CANCELLATION, Sort.SAFETY, Sort.KEYWORD_ANSWER, Sort.LOGIN_CODE, Sort.LOGIN_NOTICE, Sort.ANSWER)
CONTENT_FREE_OR_URGENT = {
    Sort.CANCELLATION,
    Sort.SAFETY,
    Sort.KEYWORD_ANSWER,
    Sort.CLOSING,
    Sort.LOGIN_NOTICE,
    Sort.LOGIN_CODE,
}


@pytest.mark.parametrize(("sort", "arm"), EVERY)
def test_every_sort_in_every_arm_has_a_rule(sort: Sort, arm: Arm) -> None:
    rule = TABLE[sort][arm]
    refused = {way for way in Way if why_withheld(arm, sort, way)}

    assert refused == set(Way) - set(rule.ways)
    assert {why_withheld(arm, sort, way) for way in refused} <= {REASONS[arm]}
    assert way_of_itself(arm, sort) == (rule.ways[0] if rule.ways else None)


@pytest.mark.parametrize(("sort", "way"), [*product(Sort, Way)])
def test_who_is_in_no_arm_is_refused_nothing(sort: Sort, way: Way) -> None:
    assert why_withheld(None, sort, way) is None
    assert not rule_for(None, sort).override


@pytest.mark.parametrize(("sort", "arm"), [*product(IN_EVERY_ARM, Arm)])
def test_what_no_arm_may_lack_goes_in_every_arm(sort: Sort, arm: Arm) -> None:
    assert TABLE[sort][arm].ways


def test_in_the_apps_arm_no_words_go_by_sms_but_those_without_content_and_those_that_cannot_wait() -> None:
    assert {sort for sort in Sort if Way.SMS in TABLE[sort][Arm.APP].ways} == CONTENT_FREE_OR_URGENT


def test_only_the_apps_arm_is_pushed() -> None:
    assert [arm for arm in Arm if Way.PUSH in TABLE[Sort.PUSH][arm].ways] == [Arm.APP]


def test_nothing_begins_from_us_in_the_control_arm_and_only_a_written_message_may_for_a_reason() -> None:
    begins = {Sort.REMINDER, Sort.FREE, Sort.BATCH, Sort.DOCUMENT_REQUEST, Sort.WELCOME, Sort.CLOSING, Sort.PUSH}

    assert {sort for sort in Sort if not TABLE[sort][Arm.CONTROL].ways} == begins
    assert [(sort, arm) for sort, arm in EVERY if TABLE[sort][arm].override] == [(Sort.FREE, Arm.CONTROL)]
