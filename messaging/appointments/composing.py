"""In which approved words a message speaks of a meeting.

How it is held decides the wording. Purpose, next step and place come only from approved lists; the booking system's own
words never leave. To a number that several share, and where a place has no approved words, goes the text that says
nothing but that there is an appointment.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.appointments.meeting_texts import app_text, translated
from messaging.appointments.models import Appointment, Form, MeetingText, Place
from messaging.appointments.readers import FIRST_NAME, Reader, Unaddressed, Words, readers_of
from messaging.conversations import templates
from messaging.conversations.by_hand import MeetingWords
from messaging.conversations.content_gate import ContentClass
from messaging.conversations.models import Template
from messaging.conversations.office import Office
from messaging.conversations.rendering import CONTENT_FREE, Blank, blank, day_word, short_day, wall_clock
from messaging.people.models import Caseworker
from messaging.vault.vault import Vault

_ABOUT = {"purpose", "next_step"}
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


def no_more(_language: str) -> Mapping[str, str]:
    """Give nothing."""
    return NOTHING_MORE


class Subject(NamedTuple):
    """A meeting that texts speak of, in the variant that fits, and who reads them."""

    appointment: Appointment
    variant: str
    reader: Reader
    begun: dict[str, Blank]
    """Texts with everything in them that many meetings of a caseworker have in common, by the text's name."""


class _Text(NamedTuple):
    """An approved text."""

    name: str
    language: str
    content_class: ContentClass
    blank: Blank

    @classmethod
    def of(cls, template: Template) -> "_Text":
        return cls(
            name=templates.name_of(template),
            language=template.language,
            content_class=ContentClass(template.content_class),
            blank=blank(template.text),
        )


class Composer:
    """Composes messages as of one moment; what their meetings need is read once for all of them."""

    def __init__(
        self, session: Session, vault: Vault, appointments: Collection[Appointment], *, now: datetime, office: Office
    ) -> None:
        self._session = session
        self._digest_key = vault.branch("words of a meeting")
        self._now = now
        self._office = cache(office.variables_in)
        self._readers = readers_of(session, vault, {appointment.citizen_id for appointment in appointments})
        self._caseworkers = _first_names(session, {appointment.caseworker_id for appointment in appointments})
        self._places = {place.name: place.words for place in session.execute(sa.select(Place.name, Place.words))}
        self._purposes = _purposes(session, at=now)
        self._texts: dict[tuple[str, str, str], tuple[_Text, _Text | None]] = {}
        self._begun: dict[tuple[uuid.UUID, int, str | None, str], dict[str, Blank]] = {}
        self._for_two: dict[str, bool] = {}

    def compose(
        self,
        key: str,
        appointment: Appointment,
        *,
        variant: str | None = None,
        shared: bool,
        more: Mapping[str, str] = NOTHING_MORE,
        more_in: Callable[[str], Mapping[str, str]] = no_more,
    ) -> Words:
        """Return a text about this meeting: in the given variant, else in that of its form.

        `shared` asks for the text without content; `more` are variables that the meeting does not tell, `more_in` gives
        those that are written otherwise in each language. Raises NoValidTemplate, or UnusableText for a text with a
        hole.
        """
        subject = self.subject(appointment, variant=variant, shared=shared)
        return self.address(self.prepare(key, subject, sent_at=self._now, more=more, more_in=more_in))

    def compose_two(
        self, key: str, appointment: Appointment, other: Appointment, *, shared: bool, sent_at: datetime | None = None
    ) -> Words:
        """Return one text about two meetings of a citizen on one day; `other` need not be one of the composer's.

        It is signed by who holds `appointment`. If one place has no approved words, none is named. In words that are
        true at `sent_at`, or now. Raises as `compose`.
        """
        both = sorted((appointment, other), key=lambda meeting: meeting.starts_at)
        free = shared or any(self._variant(meeting) == CONTENT_FREE for meeting in both)

        def more_in(language: str) -> Mapping[str, str]:
            more = {"time": wall_clock(both[0].starts_at), "later_time": wall_clock(both[1].starts_at)}
            if not free:
                more["where"], more["later_where"] = (self._where(meeting, language) for meeting in both)
            return more

        subject = self.subject(appointment, variant="", shared=free)
        return self.address(self.prepare(key, subject, sent_at=sent_at or self._now, more_in=more_in))

    def subject(self, appointment: Appointment, *, variant: str | None = None, shared: bool) -> Subject:
        """Return what `prepare` asks of a meeting, whichever text it is; the arguments are those of `compose`."""
        if shared:
            variant = CONTENT_FREE
        elif variant is None:
            variant = self._variant(appointment)
        alike = appointment.caseworker_id, appointment.minutes, appointment.place, appointment.meeting_type
        begun = self._begun.setdefault(alike, {})
        return Subject(appointment, variant, self._readers[appointment.citizen_id], begun)

    def prepare(
        self,
        key: str,
        subject: Subject,
        *,
        sent_at: datetime,
        more: Mapping[str, str] = NOTHING_MORE,
        more_in: Callable[[str], Mapping[str, str]] = no_more,
    ) -> Unaddressed:
        """As `compose`, but for the citizen's name, which is not opened; in words that are true at `sent_at`."""
        text, original = self._choose(key, subject)

        def speak(text: _Text) -> Blank:
            begun = text.blank if subject.variant == CONTENT_FREE else self._begin(text, subject)
            if more or more_in is not no_more:
                begun = begun.fill({**more, **more_in(text.language)})
            return begun.fill(_when(subject.appointment.starts_at, sent_at, text.language))

        return Unaddressed(
            template=text.name,
            text=speak(text),
            original=speak(original) if original else None,
            content_free=subject.variant == CONTENT_FREE,
            content_class=text.content_class,
            reader=subject.reader,
        )

    def address(self, prepared: Unaddressed) -> Words:
        """Put the citizen's name where it goes. Raises UnusableText or CannotOpen."""
        return Words(
            text=prepared.named(),
            template=prepared.template,
            content_free=prepared.content_free,
            original=prepared.with_name(prepared.original) if prepared.original else None,
        )

    def digest(self, prepared: Unaddressed) -> bytes:
        """Return a keyed digest of all that a text is made of; the name is told by its sealed form."""
        made_of = "\0".join((prepared.template, *prepared.text.parts)).encode() + prepared.reader.first_name.blob
        # Takes less than half the time of `vault.fingerprint`, and is made for every reminder that is planned.
        return blake2b(made_of, key=self._digest_key, digest_size=32).digest()

    def has_text_for_two(self, key: str) -> bool:
        """Whether the text about two meetings is approved now for anybody to get, with and without content."""
        if key not in self._for_two:
            self._for_two[key] = self._is_approved(key, ("", CONTENT_FREE))
        return self._for_two[key]

    def words_of(self, appointment: Appointment) -> MeetingWords:
        """Return what a text may say of this meeting, and in which variant; a place without approved words is empty."""
        variables = {
            **_when(appointment.starts_at, self._now, templates.DANISH),
            **self._common(appointment),
            FIRST_NAME: self._readers[appointment.citizen_id].name(),
        }
        return MeetingWords(variant=appointment.form, variables=variables)

    def _is_approved(self, key: str, variants: Iterable[str]) -> bool:
        try:
            for variant in variants:
                text = templates.current(self._session, key, variant=variant, at=self._now)
                if text.content_class != ContentClass.SMS_OK:
                    return False
        except templates.NoValidTemplate:
            return False
        return True

    def _begin(self, text: _Text, subject: Subject) -> Blank:
        begun = subject.begun.get(text.name)
        if begun is None:
            begun = text.blank.fill(self._common(subject.appointment, language=text.language))
            subject.begun[text.name] = begun
        return begun

    def _where(self, appointment: Appointment, language: str) -> str:
        if appointment.form is Form.IN_PERSON:
            return str(self._places[appointment.place or ""])
        return app_text(f"by_{appointment.form}", language=language)

    def _variant(self, appointment: Appointment) -> str:
        nameless = appointment.form is Form.IN_PERSON and appointment.place not in self._places
        return CONTENT_FREE if nameless else appointment.form

    def _choose(self, key: str, subject: Subject) -> tuple[_Text, _Text | None]:
        """Return the text in the citizen's language, if all it says of the meeting can be said in it and it is of the
        same class; then the Danish one too."""
        name = key, subject.variant, subject.reader.language
        if name not in self._texts:
            chosen = templates.in_language(
                self._session, key, variant=subject.variant, language=subject.reader.language, at=self._now
            )
            self._texts[name] = _Text.of(chosen.template), _Text.of(chosen.original) if chosen.original else None
        text, original = self._texts[name]
        if original and text.content_class is not original.content_class:
            return original, None
        if original and not _ABOUT.isdisjoint(text.blank.parts[1::2]):
            said = (translated(words, language=text.language) for words in self._purpose(subject.appointment))
            if None in said:
                return original, None
        return text, original

    def _purpose(self, appointment: Appointment) -> tuple[str, str]:
        return self._purposes.get(appointment.meeting_type) or self._purposes.get("", ("", ""))

    def _common(self, appointment: Appointment, *, language: str = templates.DANISH) -> dict[str, str]:
        purpose, next_step = (translated(words, language=language) or "" for words in self._purpose(appointment))
        return {
            **self._office(language),
            "caseworker": self._caseworkers[appointment.caseworker_id],
            "minutes": str(appointment.minutes),
            "place": self._places.get(appointment.place or "", ""),
            "purpose": purpose,
            "next_step": next_step,
        }


@lru_cache(maxsize=4096)
def _when(starts_at: datetime, sent_at: datetime, language: str) -> Mapping[str, str]:
    """Return how a text says when a meeting is; many meetings are at one time."""
    return {
        "day": short_day(starts_at, language=language),
        "day_word": day_word(starts_at, sent_at=sent_at, language=language),
        "time": wall_clock(starts_at),
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


def _first_names(session: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    staff = session.scalars(sa.select(Caseworker).where(Caseworker.id.in_(ids)))
    return {caseworker.id: caseworker.first_name for caseworker in staff}
