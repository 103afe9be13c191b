"""In which approved words a message speaks of a meeting.

How it is held decides the wording. Purpose, next step and place come only from approved lists; the booking system's own
words never leave. To a number that several share, and where a place has no approved words, goes the text that says
nothing but that there is an appointment.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.meeting_texts import app_text, translated
from messaging.appointments.models import Appointment, Form, MeetingText, Place
from messaging.conversations import templates
from messaging.conversations.by_hand import MeetingWords
from messaging.conversations.models import Template
from messaging.conversations.office import Office
from messaging.conversations.rendering import CONTENT_FREE, day_word, render, short_day, variables_of, wall_clock
from messaging.conversations.segments import make_gsm
from messaging.conversations.templates import Chosen
from messaging.people.models import Caseworker, Citizen
from messaging.people.preferences import languages_of
from messaging.vault.place import Place as SealedAt
from messaging.vault.sealed import Sealed
from messaging.vault.vault import Vault

_ABOUT = {"purpose", "next_step"}
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text as it is sent, and the name of the template it came from."""

    text: str = field(repr=False)
    template: str
    content_free: bool
    original: str | None = field(default=None, repr=False)
    """The Danish text, where this one is in the citizen's other language."""


def with_line(words: Words, line: str | None) -> Words:
    """Return a text with a caseworker's own line after it. With one it is no text without content any more."""
    if line is None:
        return words
    original = add(words.original, line) if words.original else None
    return replace(words, text=add(words.text, line), content_free=False, original=original)


def add(text: str, line: str) -> str:
    """Return an approved text with a line after it, as it is sent."""
    return f"{text}\n{line}"


class Composer:
    """Composes messages as of one moment; what their meetings need is read once for all of them."""

    def __init__(
        self, session: Session, vault: Vault, appointments: Collection[Appointment], *, now: datetime, office: Office
    ) -> None:
        self._session = session
        self._vault = vault
        self._now = now
        self._office = office
        self._names = _sealed_names(session, {appointment.citizen_id for appointment in appointments})
        self._caseworkers = _first_names(session, {appointment.caseworker_id for appointment in appointments})
        self._places = {place.name: place.words for place in session.execute(sa.select(Place.name, Place.words))}
        self._purposes = _purposes(session, at=now)
        self._languages = languages_of(session, self._names)
        self._templates: dict[tuple[str, str, str], Chosen] = {}
        self._for_two: dict[str, bool] = {}
        vault.warm(self._names)

    def compose(
        self,
        key: str,
        appointment: Appointment,
        *,
        variant: str | None = None,
        shared: bool,
        more: Mapping[str, str] = NOTHING_MORE,
        more_in: Callable[[str], Mapping[str, str]] = lambda _language: NOTHING_MORE,
    ) -> Words:
        """Return a text about this meeting: in the given variant, else in that of its form.

        `shared` asks for the text without content; `more` are variables that the meeting does not tell, `more_in` gives
        those that are written otherwise in each language. Raises NoValidTemplate, or UnusableText for a text with a
        hole.
        """
        if shared:
            variant = CONTENT_FREE
        elif variant is None:
            variant = self._variant(appointment)
        free = variant == CONTENT_FREE
        return self._words(
            self._choose(key, variant, appointment),
            fill=lambda template: self._fill(template, appointment, {**more, **more_in(template.language)}, free=free),
            free=free,
        )

    def compose_two(self, key: str, appointment: Appointment, other: Appointment, *, shared: bool) -> Words:
        """Return one text about two meetings of a citizen on one day; `other` need not be one of the composer's.

        It is signed by who holds `appointment`. If one place has no approved words, none is named. Raises as `compose`.
        """
        both = sorted((appointment, other), key=lambda meeting: meeting.starts_at)
        free = shared or any(self._variant(meeting) == CONTENT_FREE for meeting in both)

        def fill(template: Template) -> str:
            more = {"time": wall_clock(both[0].starts_at), "later_time": wall_clock(both[1].starts_at)}
            if not free:
                more["where"], more["later_where"] = (self._where(meeting, template.language) for meeting in both)
            return self._fill(template, appointment, more, free=free)

        return self._words(self._choose(key, CONTENT_FREE if free else "", appointment), fill=fill, free=free)

    def has_text_for_two(self, key: str) -> bool:
        """Whether the text about two meetings is approved now, with and without content."""
        if key not in self._for_two:
            self._for_two[key] = self._is_approved(key, ("", CONTENT_FREE))
        return self._for_two[key]

    def _is_approved(self, key: str, variants: Iterable[str]) -> bool:
        try:
            for variant in variants:
                templates.current(self._session, key, variant=variant, at=self._now)
        except templates.NoValidTemplate:
            return False
        return True

    def _words(self, chosen: Chosen, *, fill: Callable[[Template], str], free: bool) -> Words:
        return Words(
            text=fill(chosen.template),
            template=templates.name_of(chosen.template),
            content_free=free,
            original=fill(chosen.original) if chosen.original else None,
        )

    def _where(self, appointment: Appointment, language: str) -> str:
        if appointment.form is Form.IN_PERSON:
            return str(self._places[appointment.place or ""])
        return app_text(f"by_{appointment.form}", language=language)

    def words_of(self, appointment: Appointment) -> MeetingWords:
        """Return what a text may say of this meeting, and in which variant; a place without approved words is empty."""
        variables = {**self._plain(appointment), **self._personal(appointment)}
        return MeetingWords(variant=appointment.form, variables=variables)

    def _variant(self, appointment: Appointment) -> str:
        nameless = appointment.form is Form.IN_PERSON and appointment.place not in self._places
        return CONTENT_FREE if nameless else appointment.form

    def _choose(self, key: str, variant: str, appointment: Appointment) -> Chosen:
        """Return the text in the citizen's language, if all it says of the meeting can be said in it."""
        name = key, variant, self._languages[appointment.citizen_id]
        if name not in self._templates:
            self._templates[name] = templates.in_language(
                self._session, key, variant=variant, language=name[2], at=self._now
            )
        chosen = self._templates[name]
        if chosen.original and _ABOUT & set(variables_of(chosen.template.text)):
            said = (translated(words, language=chosen.template.language) for words in self._purpose(appointment))
            if None in said:
                return Chosen(template=chosen.original)
        return chosen

    def _fill(self, template: Template, appointment: Appointment, more: Mapping[str, str], *, free: bool) -> str:
        variables = self._plain(appointment, language=template.language)
        if not free:
            variables |= self._personal(appointment, language=template.language)
        return make_gsm(render(template.text, {**variables, **more}))

    def _plain(self, appointment: Appointment, *, language: str = templates.DANISH) -> dict[str, str]:
        return {
            "day": short_day(appointment.starts_at, language=language),
            "day_word": day_word(appointment.starts_at, sent_at=self._now, language=language),
            "time": wall_clock(appointment.starts_at),
        }

    def _purpose(self, appointment: Appointment) -> tuple[str, str]:
        return self._purposes.get(appointment.meeting_type) or self._purposes.get("", ("", ""))

    def _personal(self, appointment: Appointment, *, language: str = templates.DANISH) -> dict[str, str]:
        citizen_id = appointment.citizen_id
        at = SealedAt("citizens", "first_name", citizen_id)
        purpose, next_step = (translated(words, language=language) or "" for words in self._purpose(appointment))
        return {
            **self._office.variables_in(language),
            "first_name": self._vault.open(self._names[citizen_id], owner=citizen_id, place=at),
            "caseworker": self._caseworkers[appointment.caseworker_id],
            "minutes": str(appointment.minutes),
            "place": self._places.get(appointment.place or "", ""),
            "purpose": purpose,
            "next_step": next_step,
        }


def _purposes(session: Session, *, at: datetime) -> dict[str, tuple[str, str]]:
    """Purpose and next step of each meeting type as approved then; the newest of several holds."""
    rows = session.execute(
        sa.select(MeetingText.meeting_type, MeetingText.purpose, MeetingText.next_step)
        .where(
            MeetingText.valid_from <= at,
            sa.or_(MeetingText.valid_to.is_(None), MeetingText.valid_to > at),
        )
        .order_by(MeetingText.valid_from)
    )
    return {row.meeting_type: (row.purpose, row.next_step) for row in rows}


def _sealed_names(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, Sealed]:
    return dict(session.execute(sa.select(Citizen.id, Citizen.first_name).where(Citizen.id.in_(ids))).all())


def _first_names(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    staff = session.scalars(sa.select(Caseworker).where(Caseworker.id.in_(ids)))
    return {caseworker.id: caseworker.first_name for caseworker in staff}
