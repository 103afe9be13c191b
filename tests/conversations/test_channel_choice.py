"""The table of ways is whole, and says what the service promises of each."""

from itertools import product

import pytest

from messaging.conversations.channel_choice import TABLE, Has, Means, Purpose, Way, ladder_for
from messaging.people.arm_models import Arm
from messaging.people.card_models import Medium
from messaging.trial import capabilities
from messaging.trial.capabilities import Sort, rule_for

EVERY = [*product(Purpose, Has, Medium)]


@pytest.mark.parametrize(("purpose", "has", "prefers"), EVERY)
def test_every_combination_has_a_ladder(purpose: Purpose, has: Has, prefers: Medium) -> None:
    assert ladder_for(purpose, Means(has=has, prefers=prefers))


def test_table_holds_nothing_else() -> None:
    assert [
        (purpose, has, medium) for purpose in TABLE for has in TABLE[purpose] for medium in TABLE[purpose][has]
    ] == EVERY


@pytest.mark.parametrize(("has", "prefers"), [*product(Has, Medium)])
def test_a_push_is_never_the_only_notice(has: Has, prefers: Medium) -> None:
    for purpose in Purpose:
        ladder = ladder_for(purpose, Means(has=has, prefers=prefers))
        assert Way.PUSH not in ladder or ladder[-1] in {Way.LOGIN_SMS_LATER, Way.LOGIN_SMS}


@pytest.mark.parametrize(
    ("purpose", "has", "ways"),
    [
        (Purpose.IN_APP, Has.NUMBER, (Way.APP, Way.LOGIN_SMS)),
        (Purpose.IN_APP, Has.APP, (Way.APP, Way.LOGIN_SMS)),
        (Purpose.IN_APP, Has.PUSH, (Way.APP, Way.PUSH, Way.LOGIN_SMS_LATER)),
        (Purpose.AUTO_REPLY, Has.PUSH, (Way.APP,)),
        (Purpose.REMINDER, Has.NUMBER, (Way.SMS,)),
        (Purpose.REMINDER, Has.PUSH, (Way.SMS,)),  # as somebody has noted that she prefers
    ],
)
def test_who_prefers_nothing_else_is_told_by_these_ways(purpose: Purpose, has: Has, ways: tuple[Way, ...]) -> None:
    assert ladder_for(purpose, Means(has=has)) == ways


@pytest.mark.parametrize(("has", "prefers"), [*product((Has.APP, Has.PUSH), (Medium.APP, Medium.CALL))])
def test_who_has_the_app_and_does_not_want_sms_is_reminded_there(has: Has, prefers: Medium) -> None:
    means = Means(has=has, prefers=prefers)

    assert ladder_for(Purpose.REMINDER, means) == ladder_for(Purpose.IN_APP, means)


@pytest.mark.parametrize("has", Has)
def test_arm_says_by_what_a_reminder_goes_whatever_she_has(has: Has) -> None:
    means = Means(has=has, prefers=Medium.APP)
    first = {arm: ladder_for(Purpose.REMINDER, means, arm=arm)[:1] for arm in Arm}

    assert first == {Arm.SMS: (Way.SMS,), Arm.APP: (Way.APP,), Arm.CONTROL: ()}


ORDERS = [("app", "sms"), ("sms", "app"), ("app",), ("sms",)]


@pytest.mark.parametrize(("has", "prefers", "asked"), [*product(Has, Medium, (True, False))])
@pytest.mark.parametrize("order", ORDERS)
def test_ways_of_a_plan_narrow_and_never_widen(order: tuple[str, ...], has: Has, prefers: Medium, asked: bool) -> None:
    ways = [capabilities.Way(way) for way in order]
    means = Means(has=has, prefers=prefers, asked=asked)

    assert ladder_for(Purpose.REMINDER, means, ways=ways)[0] in [Way(way) for way in ways]
    for arm in Arm:
        ladder = ladder_for(Purpose.REMINDER, means, arm=arm, ways=ways)
        both = {*rule_for(arm, Sort.REMINDER).ways} & {*ways}
        assert bool(ladder) is bool(both)
        assert not ladder or ladder[0] in [Way(way) for way in both]


@pytest.mark.parametrize("order", ORDERS)
def test_in_the_apps_arm_no_order_lets_the_words_go_by_sms(order: tuple[str, ...]) -> None:
    ways = [capabilities.Way(way) for way in order]

    for has, prefers in product(Has, Medium):
        assert Way.SMS not in ladder_for(Purpose.REMINDER, Means(has=has, prefers=prefers), arm=Arm.APP, ways=ways)
