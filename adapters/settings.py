"""The table of settings each channel and case system declares, and the one way to read values by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.errors import Misconfigured


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting: its lower-case name, what it means, and its value when none is given.

    `secret` values never appear in findings, logs or reports.
    """

    name: str
    meaning: str
    required: bool = False
    default: str = ""
    secret: bool = False


def read_settings(owner: str, table: Sequence[Setting], given: Mapping[str, str]) -> dict[str, str]:
    """Every setting of the table with its value. Misconfigured naming the first one that is missing or unknown."""
    for name in given:
        if name not in {setting.name for setting in table}:
            raise wrong_setting(owner, name, "findes ikke")
    values = {setting.name: (given.get(setting.name) or setting.default).strip() for setting in table}
    for setting in table:
        if setting.required and not values[setting.name]:
            raise wrong_setting(owner, setting.name, "mangler")
    return values


def wrong_setting(owner: str, name: str, what: str) -> Misconfigured:
    """The error for one unusable setting: names it, never shows its value."""
    return Misconfigured(f"setting:{owner}.{name}", sentence=f"Indstillingen {name} for {owner} {what}.")
