"""How well answers are understood: the rules put to texts of which it is known what they mean. Keeps no text."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from messaging.appointments.reply_rules import Label
from messaging.appointments.understanding import understand
from messaging.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class LabelFigures:
    """How texts of one label were read. `to_human`: as nothing certain, where that is not the label itself.

    `precision`: of all texts that were read as this label, the share that are; None if none was. `recall`: of the texts
    of this label, the share that were read as it.
    """

    label: Label
    texts: int
    right: int
    to_human: int
    precision: float | None

    @property
    def wrong(self) -> int:
        """How many were read as something else."""
        return self.texts - self.right - self.to_human

    @property
    def recall(self) -> float | None:
        """None if there is no text of this label."""
        return self.right / self.texts if self.texts else None

    @property
    def share_to_human(self) -> float | None:
        """None likewise."""
        return self.to_human / self.texts if self.texts else None


def labelled_texts(data: bytes) -> list[tuple[Label, str]]:
    """Read lines of label, tab and text. Raises InvalidInput that names the first line that is none."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), delimiter="\t", quoting=csv.QUOTE_NONE))
    except UnicodeDecodeError:
        raise InvalidInput("the file is not UTF-8", field="file") from None
    known = set(Label)
    for number, row in enumerate(rows, start=1):
        if len(row) != 2 or row[0] not in known:
            raise InvalidInput(f"line {number} is not a label, a tab and a text", field="file")
    return [(Label(label), text) for label, text in rows]


def figures(texts: Iterable[tuple[Label, str]], *, on: date) -> list[LabelFigures]:
    """Return how the rules in force on a day read these texts, by label, in the order of the labels."""
    read = Counter((label, understand(text, on=on).label) for label, text in texts)
    return [_of(label, read) for label in Label]


def _of(label: Label, read: Counter[tuple[Label, Label]]) -> LabelFigures:
    right = read[label, label]
    read_so = sum(count for (_, found), count in read.items() if found is label)
    return LabelFigures(
        label=label,
        texts=sum(count for (meant, _), count in read.items() if meant is label),
        right=right,
        to_human=0 if label is Label.OTHER else read[label, Label.OTHER],
        precision=right / read_so if read_so else None,
    )
