"""New texts: one writes, another approves, and only then is it the next version. No version is ever changed."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Template, TemplateDraft
from messaging.conversations.template_rules import UnfitText, Wording, faults_of, shipped_danish
from messaging.conversations.templates import DANISH
from messaging.database.base import Moment
from messaging.errors import Conflict, InvalidInput, NotFound
from messaging.people.acting import Act
from messaging.people.four_eyes import NoLongerWaiting, OwnDraft
from messaging.people.models import Caseworker

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


class Needed(Conflict):
    """The service itself sends this text; it can get a new version, not an end."""

    code = "needed"


@dataclass(frozen=True, kw_only=True)
class NewDraft:
    """What somebody has written, and when it is to be valid."""

    id: uuid.UUID
    wording: Wording
    valid_from: datetime
    valid_to: datetime | None


def write_draft(act: Act, new: NewDraft) -> TemplateDraft:
    """Keep a text until somebody else approves it; the same id again is the same draft.

    Raises UnfitText, or InvalidInput for days that cannot be.
    """
    earlier = act.session.get(TemplateDraft, new.id)
    if earlier is not None:
        return earlier
    wording = new.wording
    if not _KEY.fullmatch(wording.key):
        raise InvalidInput("a key is a word of letters and figures", field="key")
    if faults := faults_of(wording):
        raise UnfitText(faults)
    if new.valid_to is not None and new.valid_to <= max(new.valid_from, act.now):
        raise InvalidInput("the last day is before the first, or past", field="valid_to")
    draft = TemplateDraft(
        id=new.id,
        key=wording.key,
        variant=wording.variant,
        language=wording.language,
        content_class=wording.content_class,
        text=wording.text.strip(),
        valid_from=max(new.valid_from, act.now),
        valid_to=new.valid_to,
        written_by_id=act.actor.id,
        written_at=act.now,
    )
    act.session.add(draft)
    act.audit("template.drafted", object_kind="template_draft", object_id=draft.id, facts=_facts(draft))
    return draft


def approve_draft(act: Act, *, draft_id: uuid.UUID) -> Template:
    """Let a draft be the next version from its first day on. Raises NotFound, OwnDraft, NoLongerWaiting, UnfitText."""
    draft = _waiting(act, draft_id)
    if draft.written_by_id == act.actor.id:
        raise OwnDraft("somebody else approves this")
    if draft.valid_to is not None and draft.valid_to <= act.now:
        raise NoLongerWaiting("its last day is past")
    if faults := faults_of(wording_of(draft)):
        raise UnfitText(faults)
    template = Template(
        key=draft.key,
        variant=draft.variant,
        language=draft.language,
        version=_next_version(act, draft),
        content_class=draft.content_class,
        text=draft.text,
        valid_from=max(draft.valid_from, act.now),
        valid_to=draft.valid_to,
        approved_by=act.session.get_one(Caseworker, act.actor.id).initials,
    )
    act.session.add(template)
    try:
        act.session.flush()
    except IntegrityError:
        raise NoLongerWaiting("another version was approved at the same moment") from None
    if template.valid_to is None:
        _end_earlier(act, template)
    draft.approved_by_id, draft.approved_at, draft.template_id = act.actor.id, act.now, template.id
    act.audit("template.approved", object_kind="template", object_id=template.id, facts=_facts(draft))
    return template


def withdraw_draft(act: Act, *, draft_id: uuid.UUID) -> None:
    """Let a draft wait no longer; it stays on record. Raises NotFound, NoLongerWaiting."""
    draft = _waiting(act, draft_id)
    draft.withdrawn_at = act.now
    act.audit("template.withdrawn", object_kind="template_draft", object_id=draft.id)


def end_text(act: Act, *, template_id: uuid.UUID) -> Template:
    """Use a version no more from now on. Raises NotFound, Needed, or Conflict if it has ended."""
    template = act.session.get(Template, template_id, with_for_update=True)
    if template is None:
        raise NotFound("there is no such text")
    if template.language == DANISH and shipped_danish(template.key, template.variant) is not None:
        raise Needed("the service sends this text")
    if template.valid_to is not None and template.valid_to <= act.now:
        raise Conflict("the text has ended already")
    template.valid_to = max(act.now, template.valid_from)
    act.audit("template.ended", object_kind="template", object_id=template.id)
    return template


def wording_of(text: TemplateDraft | Template) -> Wording:
    """Return the text of a draft or a version, and whose it is."""
    return Wording(
        key=text.key,
        variant=text.variant,
        language=text.language,
        content_class=ContentClass(text.content_class),
        text=text.text,
    )


def _waiting(act: Act, draft_id: uuid.UUID) -> TemplateDraft:
    """Return a draft that waits, held so that one of two decides. Raises NotFound, NoLongerWaiting."""
    draft = act.session.get(TemplateDraft, draft_id, with_for_update=True)
    if draft is None:
        raise NotFound("there is no such draft")
    if draft.approved_at is not None or draft.withdrawn_at is not None:
        raise NoLongerWaiting("it has been decided already")
    return draft


def _next_version(act: Act, draft: TemplateDraft) -> int:
    newest = act.session.scalar(
        sa.select(sa.func.max(Template.version)).filter_by(
            key=draft.key, variant=draft.variant, language=draft.language
        )
    )
    return (newest or 0) + 1


def _end_earlier(act: Act, template: Template) -> None:
    """The new version takes the place of all before it; one that had not begun never begins."""
    begins = template.valid_from
    act.session.execute(
        sa.update(Template)
        .filter_by(key=template.key, variant=template.variant, language=template.language)
        .where(Template.version < template.version, sa.or_(Template.valid_to.is_(None), Template.valid_to > begins))
        .values(
            valid_to=sa.case((Template.valid_from > begins, Template.valid_from), else_=sa.literal(begins, Moment()))
        )
        .execution_options(synchronize_session=False)
    )


def _facts(draft: TemplateDraft) -> dict[str, str | int | bool | None]:
    return {"key": draft.key, "variant": draft.variant, "language": draft.language, "text": draft.text}
