"""Names to classes: the channels and case systems that are installed, found by their entry points."""

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import ClassVar, Protocol, Self, cast

from adapters.contract import CaseSystem, Channel
from adapters.errors import Misconfigured
from adapters.http import HttpSession
from adapters.settings import Setting

CHANNELS = "borgerdialog.channels"
CASE_SYSTEMS = "borgerdialog.case_systems"


class InstalledChannel(Channel, Protocol):
    """A channel class as the service builds it."""

    SETTINGS: ClassVar[Sequence[Setting]]

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], *, http: HttpSession, public_url: str) -> Self:
        """Build the channel, or raise Misconfigured naming the setting that is missing or wrong."""
        ...

    def explain(self, code: str) -> str:
        """A Danish sentence for the caseworker about an error code of a refusal or a delivery report."""
        ...


class InstalledCaseSystem(CaseSystem, Protocol):
    """A case system class as the service builds it."""

    SETTINGS: ClassVar[Sequence[Setting]]

    @classmethod
    def from_settings(cls, settings: Mapping[str, str], *, http: HttpSession) -> Self:
        """Build the case system, or raise Misconfigured naming the setting that is missing or wrong."""
        ...


def channel_names() -> list[str]:
    """The channels that can be configured."""
    return sorted(entry_points(group=CHANNELS).names)


def case_system_names() -> list[str]:
    """The case systems that can be configured."""
    return sorted(entry_points(group=CASE_SYSTEMS).names)


def load_channel(name: str) -> type[InstalledChannel]:
    """The channel class of this name. Misconfigured, naming the known ones, if there is none."""
    return cast("type[InstalledChannel]", _entry_point(CHANNELS, name).load())


def load_case_system(name: str) -> type[InstalledCaseSystem]:
    """The case system class of this name. Misconfigured, naming the known ones, if there is none."""
    return cast("type[InstalledCaseSystem]", _entry_point(CASE_SYSTEMS, name).load())


def _entry_point(group: str, name: str) -> EntryPoint:
    found = entry_points(group=group)
    if name not in found.names:
        known = ", ".join(sorted(found.names)) or "ingen"
        raise Misconfigured(f"unknown:{group}", sentence=f"{name!r} findes ikke i {group}; kendte navne: {known}.")
    return found[name]
