"""One writes, another approves, and no version is ever changed."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from messaging.appointments.seeding import seed
from messaging.conversations import templates
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.drafting import (
    Needed,
    NewDraft,
    NoLongerWaiting,
    OwnDraft,
    approve_draft,
    end_text,
    withdraw_draft,
    write_draft,
)
from messaging.conversations.models import Template, TemplateDraft
from messaging.conversations.rendering import CONTENT_FREE
from messaging.conversations.shipped_drafts import load_drafts
from messaging.conversations.template_rules import Fault, Flaw, UnfitText, Wording, faults_of
from messaging.conversations.templates import NoValidTemplate
from messaging.database.base import new_id
from messaging.errors import InvalidInput
from messaging.people.actors import SYSTEM, Actor, ActorKind
from messaging.people.models import Role
from messaging.people.registering import register_caseworker, register_unit
from messaging.runtime import Runtime

M8 = "Du får ikke flere sms'er. Kom stadig til dine aftaler, og læs Digital Post. Svar START, hvis du fortryder."


def wording(text: str = M8, *, key: str = "M8", variant: str = "", language: str = "da") -> Wording:
    return Wording(key=key, variant=variant, language=language, content_class=ContentClass.SMS_OK, text=text)


@pytest.fixture
def superusers(runtime: Runtime) -> tuple[Actor, Actor]:
    with runtime.act(SYSTEM) as act:
        seed(act.session)
        unit_id = register_unit(act, name="Drift").id
        made = [
            register_caseworker(act, initials=it, name=it, email=None, unit_id=unit_id, role=Role.SUPERUSER).id
            for it in ("ann", "bo")
        ]
    first, second = (Actor(kind=ActorKind.STAFF, id=id_, role=Role.SUPERUSER) for id_ in made)
    return first, second


def drafted(
    runtime: Runtime, writer: Actor, of: Wording, *, starts: timedelta = timedelta(0), lasts: timedelta | None = None
) -> TemplateDraft:
    with runtime.act(writer) as act:
        begins = act.now + starts
        new = NewDraft(id=new_id(), wording=of, valid_from=begins, valid_to=begins + lasts if lasts else None)
        return write_draft(act, new)


def approved(runtime: Runtime, approver: Actor, draft: TemplateDraft) -> Template:
    with runtime.act(approver) as act:
        return approve_draft(act, draft_id=draft.id)


def text_at(runtime: Runtime, at: datetime, *, key: str = "M8", language: str = "da") -> str:
    with runtime.database.read() as session:
        return templates.current(session, key, language=language, at=at).text


def test_draft_is_not_used_before_somebody_else_approves_it(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    now = runtime.clock.now()
    draft = drafted(runtime, superusers[0], wording())
    before = text_at(runtime, now)
    version = approved(runtime, superusers[1], draft)

    assert before != M8
    assert text_at(runtime, now) == M8
    assert (version.version, version.approved_by) == (2, "bo")


def test_nobody_approves_her_own_draft(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    draft = drafted(runtime, superusers[0], wording())

    with pytest.raises(OwnDraft):
        approved(runtime, superusers[0], draft)


def test_database_itself_wants_four_eyes(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    draft = drafted(runtime, superusers[0], wording())

    with pytest.raises(sa.exc.IntegrityError), runtime.act(superusers[0]) as act:
        act.session.execute(
            sa.update(TemplateDraft).filter_by(id=draft.id).values(approved_by_id=TemplateDraft.written_by_id)
        )


def test_new_version_ends_the_one_before_and_leaves_its_words(
    runtime: Runtime, superusers: tuple[Actor, Actor]
) -> None:
    now = runtime.clock.now()
    old = text_at(runtime, now)
    approved(runtime, superusers[1], drafted(runtime, superusers[0], wording(), starts=timedelta(days=2)))
    with runtime.database.read() as session:
        first = session.scalars(sa.select(Template).filter_by(key="M8", version=1)).one()

    assert (first.text, first.valid_to) == (old, now + timedelta(days=2))
    assert (text_at(runtime, now + timedelta(days=1)), text_at(runtime, now + timedelta(days=3))) == (old, M8)


def test_version_with_a_last_day_gives_the_word_back(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    now = runtime.clock.now()
    old = text_at(runtime, now)
    approved(runtime, superusers[1], drafted(runtime, superusers[0], wording(), lasts=timedelta(days=2)))

    assert (text_at(runtime, now), text_at(runtime, now + timedelta(days=3))) == (M8, old)


def test_draft_is_decided_once(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    draft = drafted(runtime, superusers[0], wording())
    approved(runtime, superusers[1], draft)

    with pytest.raises(NoLongerWaiting):
        approved(runtime, superusers[1], draft)
    with pytest.raises(NoLongerWaiting), runtime.act(superusers[0]) as act:
        withdraw_draft(act, draft_id=draft.id)


def test_form_that_is_sent_twice_makes_one_draft(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    new = NewDraft(id=new_id(), wording=wording(), valid_from=runtime.clock.now(), valid_to=None)
    for _again in range(2):
        with runtime.act(superusers[0]) as act:
            write_draft(act, new)

    with runtime.database.read() as session:
        assert len(session.scalars(sa.select(TemplateDraft).filter_by(key="M8", language="da")).all()) == 1


def test_last_day_lies_behind_the_first(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    with pytest.raises(InvalidInput, match="last day"):
        drafted(runtime, superusers[0], wording(), starts=timedelta(days=3), lasts=timedelta(days=-1))


def test_text_the_service_sends_itself_cannot_end(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    with runtime.act(superusers[0]) as act, pytest.raises(Needed):
        end_text(act, template_id=act.session.scalars(sa.select(Template.id).filter_by(key="M8")).one())


def test_shipped_english_is_a_draft_until_the_municipality_approves_it(
    runtime: Runtime, superusers: tuple[Actor, Actor]
) -> None:
    now = runtime.clock.now()
    with pytest.raises(NoValidTemplate):
        text_at(runtime, now, language="en")
    with runtime.database.read() as session:
        draft = session.scalars(sa.select(TemplateDraft).filter_by(key="M8", language="en")).one()
    approved(runtime, superusers[0], draft)

    assert "Reply START" in text_at(runtime, now, language="en")


def test_seeding_again_adds_no_draft_twice(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    with runtime.act(superusers[0]) as act:
        seed(act.session)
        count = act.session.scalar(sa.select(sa.func.count()).select_from(TemplateDraft))

    assert count == len(load_drafts())


@pytest.mark.parametrize("draft", load_drafts(), ids=lambda draft: f"{draft.key}-{draft.variant}")
def test_shipped_draft_keeps_the_rules(draft: Wording) -> None:
    assert faults_of(draft) == ()


@pytest.mark.parametrize(
    ("of", "flaw", "about"),
    [
        (wording("Hej {navn}", key="tak"), Flaw.UNKNOWN_VARIABLE, ("navn",)),
        (wording("Hej {first_name}. Svar START. Læs Digital Post."), Flaw.UNKNOWN_VARIABLE, ("first_name",)),
        (wording("{first_name}", key="M1", variant=CONTENT_FREE), Flaw.UNKNOWN_VARIABLE, ("first_name",)),
        (wording("Aftale {day}. Digital Post.", key="M1", variant=CONTENT_FREE), Flaw.MISSING_VARIABLE, ("time",)),
        (wording("Du får ikke flere. Læs Digital Post."), Flaw.MISSING_WORDS, ("START",)),
        (wording("Hej {first_name", key="tak"), Flaw.MALFORMED, ()),
        (wording("Læs på www.kommune.dk", key="tak"), Flaw.LINK, ()),
        (wording("Dit nummer er 010199-1234", key="tak"), Flaw.CPR, ()),
        (wording("Tak \N{SPARKLES}", key="tak"), Flaw.NOT_GSM, ("\N{SPARKLES}",)),
        (wording(M8 * 2), Flaw.TOO_LONG, ("2", "1")),
        (wording("  "), Flaw.EMPTY, ()),
    ],
)  # fmt: skip
def test_unfit_text_is_told_what_is_wrong(of: Wording, flaw: Flaw, about: tuple[str, ...]) -> None:
    assert faults_of(of) == (Fault(flaw=flaw, about=about),)


def test_unfit_text_becomes_no_draft(runtime: Runtime, superusers: tuple[Actor, Actor]) -> None:
    with pytest.raises(UnfitText, match="unknown_variable"):
        drafted(runtime, superusers[0], wording("Hej {navn}", key="tak"))


def test_word_for_the_day_may_stand_for_the_day() -> None:
    assert faults_of(wording("Aftale {day_word} kl. {time}. Se Digital Post.", key="M1", variant=CONTENT_FREE)) == ()
