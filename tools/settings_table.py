"""Writes README's tables of settings from the settings themselves: `python -m tools.settings_table`."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from adapters.registry import case_system_names, channel_names, load_case_system, load_channel
from adapters.settings import Setting as AdapterSetting
from messaging.config import PREFIX, SETTINGS

README = Path(__file__).resolve().parent.parent / "README.md"
BLOCK = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)

HEAD = ("| variable | default | meaning |", "|---|---|---|")


def tables() -> str:
    """Return the Markdown of all tables: the service's own, then one for each channel and case system."""
    return "\n".join(_lines()) + "\n"


def main() -> None:
    """Put the tables between README's marks."""
    README.write_text(BLOCK.sub(lambda _: tables(), README.read_text(encoding="utf-8")), encoding="utf-8")


def _lines() -> Iterator[str]:
    yield from HEAD
    for setting in SETTINGS:
        yield f"| `{setting.variable}` | {_default(setting.default)} | {setting.meaning} |"
    for name in channel_names():
        yield from _adapter(f"The channel `{name}`", name, load_channel(name).SETTINGS)
    for name in case_system_names():
        yield from _adapter(f"The case system `{name}`", name, load_case_system(name).SETTINGS)


def _adapter(title: str, name: str, settings: Sequence[AdapterSetting]) -> Iterator[str]:
    yield from ("", f"{title}:", "", *HEAD)
    for setting in settings:
        default = _default(None if setting.required else setting.default)
        secret = " (secret)" if setting.secret else ""
        yield f"| `{PREFIX}{name.upper()}_{setting.name.upper()}` | {default} | {setting.meaning}{secret} |"


def _default(value: str | None) -> str:
    if value is None:
        return "must be given"
    return f"`{value}`" if value else ""


if __name__ == "__main__":
    main()
