"""Interviews of the trial: three of each arm, side and wave, with their themes in a few words and no person in them."""

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.clock import COPENHAGEN
from messaging.database.upserts import insert_into
from messaging.errors import Conflict, InvalidInput
from messaging.experience.interview_models import Interview, InterviewTheme, Side
from messaging.experience.models import Wave
from messaging.experience.waves import days_of_waves
from messaging.people.acting import Act
from messaging.people.arm_models import Arm
from messaging.people.models import Caseworker

TARGET = 3
"""Interviews of each arm and side in each wave."""
MOST_THEMES = 10
LONGEST_THEME = 40
MOST_WORDS = 4

_THEME = re.compile(r"[a-zæøåéüö]+(?:[ -][a-zæøåéüö]+)*")


@dataclass(frozen=True, kw_only=True)
class Held:
    """What an interview was of."""

    wave: Wave
    arm: Arm
    side: Side


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Interviews of one wave and side by arm. `is_late`: the wave is over, and some were not held."""

    wave: Wave
    side: Side
    held: Mapping[Arm, int]
    is_late: bool

    @property
    def missing(self) -> int:
        """How many are still to be held."""
        return sum(max(0, TARGET - held) for held in self.held.values())


@dataclass(frozen=True, kw_only=True)
class ThemeCount:
    """In how many interviews of a side a theme came up, by wave and by arm."""

    side: Side
    theme: str
    by_wave: Mapping[Wave, int]
    by_arm: Mapping[Arm, int]

    @property
    def mentions(self) -> int:
        """In how many altogether."""
        return sum(self.by_wave.values())


def read_themes(text: str) -> tuple[str, ...]:
    """Return the themes that somebody wrote, apart by commas or lines, in small letters and each once.

    Raises InvalidInput for too many, or for one with digits or signs, or too long to be a theme.
    """
    themes = tuple(dict.fromkeys(" ".join(one.lower().split()) for one in re.split(r"[,;\n]", text) if one.strip()))
    if len(themes) > MOST_THEMES:
        raise InvalidInput(f"an interview has {MOST_THEMES} themes at most", field="themes")
    for theme in themes:
        if len(theme) > LONGEST_THEME or len(theme.split()) > MOST_WORDS or not _THEME.fullmatch(theme):
            raise InvalidInput("a theme is a few words of letters", field="themes")
    return themes


def record(act: Act, held: Held, *, interview_id: uuid.UUID, themes: Sequence[str]) -> bool:
    """Count an interview and its themes; False if it was counted. Raises InvalidInput if a theme names staff."""
    _refuse_names(act.session, themes)
    where = {"wave": held.wave, "arm": held.arm, "side": held.side}
    fresh = insert_into(act.session, Interview).values(id=interview_id, **where)
    if act.session.execute(fresh.on_conflict_do_nothing().returning(Interview.id)).one_or_none() is None:
        return False
    for theme in sorted(themes):
        told = insert_into(act.session, InterviewTheme).values(**where, theme=theme, mentions=1)
        again = {"mentions": InterviewTheme.mentions + 1}
        act.session.execute(told.on_conflict_do_update(index_elements=[*where, "theme"], set_=again))
    act.audit("interview.recorded", object_kind="interview", object_id=interview_id, facts={"themes": len(themes)})
    return True


def withdraw(act: Act, held: Held, *, themes: Sequence[str]) -> None:
    """Take out an interview that was counted wrongly, with these themes. Raises Conflict if there is none such."""
    where = {"wave": held.wave, "arm": held.arm, "side": held.side}
    one = act.session.scalars(sa.select(Interview).filter_by(**where).limit(1)).first()
    if one is None:
        raise Conflict("no such interview was counted")
    for theme in themes:
        row = act.session.get(InterviewTheme, (held.wave, held.arm, held.side, theme), with_for_update=True)
        if row is None:
            raise Conflict("this theme did not come up there")
        if row.mentions == 1:
            act.session.delete(row)
        else:
            row.mentions -= 1
    act.session.delete(one)
    act.audit("interview.withdrawn", object_kind="interview", object_id=one.id, facts={"themes": len(themes)})


def progress(session: Session, *, at: datetime) -> Sequence[Progress]:
    """Return how far the interviews are, by wave and side."""
    rows = session.execute(
        sa.select(Interview.wave, Interview.side, Interview.arm, sa.func.count()).group_by(
            Interview.wave, Interview.side, Interview.arm
        )
    )
    held = {(wave, side, arm): number for wave, side, arm, number in rows}
    days, today = days_of_waves(session), at.astimezone(COPENHAGEN).date()
    found = []
    for wave, side in product(Wave, Side):
        of_arms = {arm: held.get((wave, side, arm), 0) for arm in Arm}
        is_over = wave in days and days[wave].last_day < today
        is_late = is_over and any(number < TARGET for number in of_arms.values())
        found.append(Progress(wave=wave, side=side, held=of_arms, is_late=is_late))
    return found


def themes_of(session: Session) -> Sequence[ThemeCount]:
    """Return the themes of each side, those that came up most first."""
    waves: dict[tuple[Side, str], Counter[Wave]] = {}
    arms: dict[tuple[Side, str], Counter[Arm]] = {}
    for row in session.scalars(sa.select(InterviewTheme)):
        waves.setdefault((row.side, row.theme), Counter())[row.wave] += row.mentions
        arms.setdefault((row.side, row.theme), Counter())[row.arm] += row.mentions
    counts = [
        ThemeCount(
            side=side,
            theme=theme,
            by_wave={wave: by_wave[wave] for wave in Wave},
            by_arm={arm: arms[side, theme][arm] for arm in Arm},
        )
        for (side, theme), by_wave in waves.items()
    ]
    return sorted(counts, key=lambda count: (list(Side).index(count.side), -count.mentions, count.theme))


def _refuse_names(session: Session, themes: Iterable[str]) -> None:
    """Refuse a name or initials of staff as a theme. Citizens’ names are sealed: the form says to leave them out."""
    names = {
        word
        for row in session.execute(sa.select(Caseworker.name, Caseworker.initials))
        for word in (*row.name.lower().split(), row.initials.lower())
    }
    if any(names & set(theme.split()) for theme in themes):
        raise InvalidInput("a theme names a member of staff", field="themes")
