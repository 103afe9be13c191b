"""What the shell gets from the wiring: the runtime, who somebody is, and what the rooms put into its slots.

The shell stands below the rooms and must not know them; so it takes plain callables.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

import sqlalchemy as sa
from flask import current_app
from markupsafe import Markup

if TYPE_CHECKING:
    from messaging.people.actors import Actor
    from messaging.runtime import Runtime

EXTENSION = "borgerdialog"


@dataclass(frozen=True, kw_only=True)
class NavigationEntry:
    """One entry of the main navigation: a Danish label, the endpoint it leads to, and who may see it.

    `count` says how much waits there; `is_search`: the key for searching leads there.
    """

    label: str
    endpoint: str
    may_see: Callable[["Actor"], bool]
    count: Callable[["Actor"], int] | None = None
    is_search: bool = False


Panel = Callable[["Runtime", "Actor", uuid.UUID], Markup]
"""Draws something about a citizen that stands beside the thread."""


Notes = Callable[["Runtime", Sequence[uuid.UUID]], Mapping[uuid.UUID, str]]
"""Says something about messages that are shown: a sentence for some of these ids."""


MeetingSoon = Callable[[Any, datetime], sa.ColumnElement[datetime]]
"""Gives the start of a citizen's next meeting, if that is soon, as a sub-query on a column of citizens' ids."""


MeetingsOf = Callable[["Runtime", Any, Sequence[uuid.UUID], datetime], Mapping[uuid.UUID, Mapping[Any, Any]]]
"""Gives, in a session, the approved words of the meetings of some citizens, for a text that is read at a moment."""


GatheringsOf = Callable[[Any, "Actor", datetime], Sequence[Any]]
"""Gives, in a session, the coming meetings of several of an actor's citizens, so that one may write to all of them."""


OtherChannel = Callable[["Runtime", uuid.UUID], Markup | None]
"""Draws the way to send something to a citizen that may not leave by SMS; None where she has no other channel."""


HasApp = Callable[[Any, uuid.UUID], bool]
"""Says, in a session, whether a citizen has the app on some phone."""

AppsOf = Callable[[Any, Collection[uuid.UUID]], Mapping[uuid.UUID, bool]]
"""Tells, in a session, which of some citizens have the app, and of each whether a phone of hers says so when told."""


class ActorOfCookie(Protocol):
    """Knows the token of a signed-in browser; what is not `in_use` by its owner does not keep the session alive."""

    def __call__(self, token: str, *, in_use: bool = True) -> "Actor | None":
        """Return who that is."""
        ...


@dataclass(frozen=True, kw_only=True)
class Shell:
    """`actor_of_key` knows the secret of an API key, `actor_of_cookie` the token of a signed-in browser."""

    runtime: "Runtime"
    actor_of_key: Callable[[str], "Actor | None"]
    actor_of_cookie: ActorOfCookie
    home: str
    """Endpoint of the page that opens first."""
    sign_in: str
    """Endpoint of the page that asks who you are."""
    navigation: tuple[NavigationEntry, ...] = ()
    panels: tuple[Panel, ...] = ()
    notes: tuple[Notes, ...] = ()
    meeting_soon: MeetingSoon | None = None
    meetings_of: MeetingsOf | None = None
    gatherings_of: GatheringsOf | None = None
    other_channel: OtherChannel | None = None
    """A second channel beside SMS; none is registered yet."""
    has_app: HasApp = lambda session, citizen_id: False  # noqa: ARG005
    apps_of: AppsOf = lambda session, citizen_ids: {}  # noqa: ARG005
    error_page: Callable[[str], str] = lambda path: "web/error.html"  # noqa: ARG005
    """Names the template in which an error on a path is told."""
    checks: Mapping[str, Callable[[], str | None]] = field(default_factory=dict)
    """What readiness asks, by name; each returns None, or in a few words what is wrong."""


def current_shell() -> Shell:
    """Return the shell of the application that serves this request."""
    return cast("Shell", current_app.extensions[EXTENSION])


def current_runtime() -> "Runtime":
    """Return the runtime of the application that serves this request."""
    return current_shell().runtime
