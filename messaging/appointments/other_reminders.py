"""Who else than we may remind of a meeting: the state's Huskeservice, NemSMS, and the booking system itself."""

from sqlalchemy.orm import Mapped, mapped_column

REMINDED_BY = ("reminded_by_huskeservice", "reminded_by_nemsms", "reminded_by_booking_system")
"""The columns of `OtherReminders`; sources and callers name them so too."""


class OtherReminders:
    """Columns that say of a meeting who else reminds of it, or has done so, as its source tells.

    None: nobody has told. That is neither a yes nor a no, and is counted by itself.
    """

    reminded_by_huskeservice: Mapped[bool | None] = mapped_column(sort_order=1)
    reminded_by_nemsms: Mapped[bool | None] = mapped_column(sort_order=1)
    reminded_by_booking_system: Mapped[bool | None] = mapped_column(sort_order=1)
