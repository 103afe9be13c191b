"""Where a sealed value lives; it opens at that place and nowhere else."""

from typing import NamedTuple
from uuid import UUID


class Place(NamedTuple):
    """Table, column and row id. The row id is made before sealing; a row never changes its id."""

    table: str
    column: str
    row: UUID
