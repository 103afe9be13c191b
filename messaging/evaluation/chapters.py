"""The chapters of the report, in their order. To add one: write what draws it, and give it a line in CHAPTERS.

A chapter compares the arms unless it says that it does not, and what compares is left out until the trial is over. A
chapter that has nothing to say is None.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from messaging.evaluation import around_chapters as around
from messaging.evaluation import baseline_chapter as before
from messaging.evaluation import descriptive_chapters as describing
from messaging.evaluation import verdict_chapters as judged
from messaging.evaluation.document import Section
from messaging.evaluation.given import Given

Draw = Callable[[Given], Section | None]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """What draws a section, and whether it compares the arms."""

    draw: Draw
    compares: bool = True


CHAPTERS: Sequence[Chapter] = (
    Chapter(draw=judged.verdict),
    Chapter(draw=judged.each_arm),
    Chapter(draw=judged.other_ways),
    Chapter(draw=judged.explored),
    Chapter(draw=judged.smallest_seen),
    Chapter(draw=around.worth),
    Chapter(draw=around.citizens_say),
    Chapter(draw=around.staff_say),
    Chapter(draw=around.summoned_again),
    Chapter(draw=describing.months, compares=False),
    Chapter(draw=describing.data_quality, compares=False),
    Chapter(draw=describing.exposure, compares=False),
    Chapter(draw=around.other_reminders, compares=False),
    Chapter(draw=describing.inflow, compares=False),
    Chapter(draw=describing.contamination, compares=False),
    Chapter(draw=around.durations, compares=False),
    Chapter(draw=around.contacts_noted, compares=False),
    Chapter(draw=around.interviews, compares=False),
    Chapter(draw=before.baseline, compares=False),
)


def draw(given: Given) -> tuple[Section, ...]:
    """Return the sections that may be shown; the rule is in `waiting`, and is followed here."""
    drawn = (chapter.draw(given) for chapter in CHAPTERS if given.compares or not chapter.compares)
    return tuple(section for section in drawn if section is not None)
