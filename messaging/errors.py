"""Errors that every room may raise; each says in its own words what went wrong and what to do.

BorgerdialogError
├── ConfigurationError   a setting is missing or wrong: the service does not start
├── DatabaseBusy         the database could not take the write in time: answer 503, the caller tries again
├── NotFound             there is no such thing, or this actor may not know of it
├── NotAllowed           the actor may know of the thing, but not do this to it
├── Conflict             the thing has moved on, or the same key was used for another content
└── InvalidInput         the content cannot be used; names the field and the reason
"""


class BorgerdialogError(Exception):
    """Root of our errors. The message never holds personal data: it may be logged and shown."""

    code = "error"


class ConfigurationError(BorgerdialogError):
    """A setting is missing or wrong; names the variable."""

    code = "configuration"


class DatabaseBusy(BorgerdialogError):
    """The database did not take the write within its time; nothing was written."""

    code = "database_busy"


class NotFound(BorgerdialogError):
    """There is no such thing for this actor."""

    code = "not_found"


class NotAllowed(BorgerdialogError):
    """This actor may not do this."""

    code = "not_allowed"


class Conflict(BorgerdialogError):
    """The request does not fit what is already there; nothing was changed."""

    code = "conflict"


class InvalidInput(BorgerdialogError):
    """A value cannot be used. `field` names where, the message says why, without repeating the value."""

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
