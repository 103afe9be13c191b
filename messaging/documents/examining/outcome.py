"""What comes out of looking into a file."""

from dataclasses import dataclass, field

from messaging.documents.kinds import Kind
from messaging.documents.states import Refusal


class Refused(Exception):
    """The file is not taken; says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the file is, and the content to keep in its place; None: it is kept as it came."""

    kind: Kind
    content: bytes | None = field(repr=False, default=None)
