"""The configuration: read once from the environment, complete or refused with a sentence that names the variable.

Every variable begins with `BORGERDIALOG_`. One that ends in `_FILE` (besides the key file) is the path of a file
that holds the value. Settings of a channel or case system begin with its name, see `SETTINGS` of its class.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from messaging import config_kinds as kinds
from messaging.errors import ConfigurationError
from messaging.waits import Waits

PREFIX = "BORGERDIALOG_"
PUSH = "app_push"
"""The channel to the app on a phone. It is on when any of its settings is given."""
WAIVED = "waived"
"""Said in place of the address of something that production otherwise insists on."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One variable: its field, how to read it, its default (None: it must be given) and what it means."""

    field: str
    read: Callable[[str], Any]
    default: str | None
    meaning: str

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return PREFIX + self.field.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(field="production", read=kinds.truth, default="yes", meaning="`no` only in rehearsals and tests"),
    Setting(
        field="data_folder", read=kinds.path, default="data", meaning="folder of everything the service keeps in files"
    ),
    Setting(
        field="database_url",
        read=kinds.database,
        default="sqlite:///data/borgerdialog.db",
        meaning="`sqlite:///FILE` or `postgresql+psycopg://…`",
    ),
    Setting(
        field="keystore_url",
        read=kinds.database,
        default="sqlite:///data/keystore.db",
        meaning="the database of the citizens' keys; never the same as the one above",
    ),
    Setting(
        field="key_file",
        read=kinds.path,
        default="data/keys.json",
        meaning="the root key; mode 0600, kept elsewhere too",
    ),
    Setting(field="public_url", read=kinds.web_address, default=None, meaning="how the world reaches us, `https://…`"),
    Setting(field="host", read=kinds.text, default="127.0.0.1", meaning="address the web server listens on"),
    Setting(field="port", read=kinds.number(1, 65535), default="8080", meaning="port the web server listens on"),
    Setting(field="web_workers", read=kinds.number(1, 64), default="1", meaning="web processes; on SQLite one"),
    Setting(
        field="web_threads",
        read=kinds.number(1, 5000),
        default="1200",
        meaning="threads of each web process at most; each open page of staff keeps one, and all but 200 may",
    ),
    Setting(field="database_pool", read=kinds.number(1, 1000), default="6", meaning="connections each process keeps"),
    Setting(field="sms_channel", read=kinds.text, default="twilio_sms", meaning="the channel that sends SMS"),
    Setting(field="case_system", read=kinds.text, default="webhook", meaning="where everything is journaled"),
    Setting(
        field="stub_origins",
        read=kinds.web_addresses,
        default="",
        meaning="origins such as `http://127.0.0.1:9900` that may be called without TLS; refused in production",
    ),
    Setting(
        field="clock_file",
        read=kinds.file_or_nothing,
        default="",
        meaning="the clock of a rehearsal; refused in production",
    ),
    Setting(
        field="wait_factor", read=kinds.factor, default="1", meaning="factor on all waiting times; 1 in production"
    ),
    Setting(
        field="key_cache", read=kinds.number(1), default="2000", meaning="citizens' keys and numbers kept in memory"
    ),
    Setting(
        field="sender_threads", read=kinds.number(1, 100), default="4", meaning="messages being sent at the same time"
    ),
    Setting(
        field="journal_threads",
        read=kinds.number(1, 100),
        default="4",
        meaning="journal events being delivered at the same time",
    ),
    Setting(
        field="session_idle_minutes",
        read=kinds.number(5, 720),
        default="60",
        meaning="a signed-in browser without a request for this long is signed out",
    ),
    Setting(
        field="session_longest_minutes",
        read=kinds.number(5, 1440),
        default="600",
        meaning="everybody signs in again after this long",
    ),
    Setting(
        field="oidc_issuer",
        read=kinds.address_or_nothing,
        default="",
        meaning="the municipality's sign-in (OpenID Connect: Entra ID, ADFS …); empty: local accounts only",
    ),
    Setting(field="oidc_client_id", read=str, default="", meaning="what the sign-in provider calls this service"),
    Setting(field="oidc_client_secret", read=str, default="", meaning="what the two prove themselves with (secret)"),
    Setting(
        field="oidc_claim",
        read=kinds.text,
        default="email",
        meaning="the claim that holds a member of staff's e-mail address or initials, such as `preferred_username`",
    ),
    Setting(
        field="welcome",
        read=kinds.truth,
        default="yes",
        meaning="the first SMS to a citizen waits for a welcome that says who writes and why",
    ),
    Setting(
        field="clamav",
        read=kinds.scanner_or_waived,
        default="",
        meaning="the virus scanner, clamd's `HOST:PORT` or socket; `waived`: documents are not scanned; "
        "production needs one or the other",
    ),
    Setting(field="unit_name", read=kinds.text, default="Ungecenteret", meaning="who signs the messages"),
    Setting(field="unit_phone", read=kinds.text, default=None, meaning="telephone number named in messages"),
    Setting(field="app_name", read=kinds.text, default="Mit Ungecenter", meaning="where citizens log in"),
    Setting(field="reminder_days", read=kinds.days, default="3,1", meaning="days before the meeting"),
    Setting(field="reminder_weekdays", read=kinds.hours, default="09-20", meaning="hours in which reminders leave"),
    Setting(field="reminder_weekends", read=kinds.hours, default="10-18", meaning="the same on Saturday and Sunday"),
    Setting(field="closed_days", read=kinds.dates, default="", meaning="extra days without reminders, `2027-12-24,…`"),
    Setting(
        field="too_late_minutes",
        read=kinds.number(0, 10_000),
        default="120",
        meaning="a reminder nearer the meeting is of no use",
    ),
    Setting(
        field="sms_price",
        read=kinds.number(0, 10_000),
        default="35",
        meaning="øre for each SMS a message is split into, shown before it is sent; 0 shows no price",
    ),
    Setting(field="office_hours", read=kinds.hours, default="08-16", meaning="weekday hours in which somebody answers"),
    Setting(
        field="answer_hours",
        read=kinds.number(0, 80),
        default="8",
        meaning="office hours within which a citizen is answered; 0 promises nothing",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """All settings, read and checked. `adapters` holds the settings of channels and the case system by their names."""

    production: bool
    data_folder: Path
    database_url: str
    keystore_url: str
    key_file: Path
    public_url: str
    host: str
    port: int
    web_workers: int
    web_threads: int
    database_pool: int
    sms_channel: str
    case_system: str
    stub_origins: tuple[str, ...]
    clock_file: str
    wait_factor: float
    key_cache: int
    sender_threads: int
    journal_threads: int
    session_idle_minutes: int
    session_longest_minutes: int
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str = field(repr=False)
    oidc_claim: str
    welcome: bool
    clamav: str
    unit_name: str
    unit_phone: str
    app_name: str
    reminder_days: tuple[int, ...]
    reminder_weekdays: tuple[int, int]
    reminder_weekends: tuple[int, int]
    closed_days: tuple[date, ...]
    too_late_minutes: int
    sms_price: int
    office_hours: tuple[int, int]
    answer_hours: int
    adapters: Mapping[str, Mapping[str, str]]

    @property
    def waits(self) -> Waits:
        """The waiting times, scaled by the factor."""
        return Waits().scaled(self.wait_factor)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Read and check everything. Raises ConfigurationError naming the variable that is missing or wrong."""
        given = _with_files({name: value for name, value in environment.items() if name.startswith(PREFIX)})
        values = {setting.field: _read(setting, given) for setting in SETTINGS}
        adapters = {name: _settings_of(name, given) for name in (values["sms_channel"], values["case_system"], PUSH)}
        _refuse_strangers(given, tuple(adapters))
        config = cls(**values, adapters=adapters)
        _check_together(config)
        return config


def _with_files(given: Mapping[str, str]) -> dict[str, str]:
    values = dict(given)
    for name, path in given.items():
        if name.endswith("_FILE") and name not in {PREFIX + "KEY_FILE", PREFIX + "CLOCK_FILE"}:
            try:
                values[name.removesuffix("_FILE")] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigurationError(f"{name}: the file cannot be read ({error.strerror})") from error
            del values[name]
    return values


def _read(setting: Setting, given: Mapping[str, str]) -> Any:
    value = given.get(setting.variable, setting.default)
    if value is None:
        raise ConfigurationError(f"{setting.variable} is missing: {setting.meaning}")
    try:
        return setting.read(value)
    except ValueError as error:
        raise ConfigurationError(f"{setting.variable} cannot be used: {error}") from error


def _settings_of(adapter: str, given: Mapping[str, str]) -> dict[str, str]:
    prefix = PREFIX + adapter.upper() + "_"
    return {name.removeprefix(prefix).lower(): value for name, value in given.items() if name.startswith(prefix)}


def _refuse_strangers(given: Mapping[str, str], adapters: tuple[str, ...]) -> None:
    known = {setting.variable for setting in SETTINGS}
    prefixes = tuple(PREFIX + adapter.upper() + "_" for adapter in adapters)
    for name in sorted(given):
        if name not in known and not name.startswith(prefixes):
            raise ConfigurationError(
                f"{name} is not a setting of this service with {' and '.join(adapters)}; see the tables in README.md"
            )


def _check_together(config: Config) -> None:
    if config.database_url == config.keystore_url:
        raise ConfigurationError("BORGERDIALOG_KEYSTORE_URL must name another database than BORGERDIALOG_DATABASE_URL")
    if config.database_url.startswith("sqlite") and config.web_workers != 1:
        raise ConfigurationError("BORGERDIALOG_WEB_WORKERS must be 1 on SQLite: it has one writer")
    if config.oidc_issuer and not (config.oidc_client_id and config.oidc_client_secret):
        raise ConfigurationError("BORGERDIALOG_OIDC_ISSUER needs BORGERDIALOG_OIDC_CLIENT_ID and …_CLIENT_SECRET")
    if not config.production:
        return
    if not config.clamav:
        raise ConfigurationError(
            f"{PREFIX}CLAMAV is missing: where clamd listens, or `waived` if documents are to be taken unscanned"
        )
    for variable, wrong in (
        ("STUB_ORIGINS", bool(config.stub_origins)),
        ("CLOCK_FILE", bool(config.clock_file)),
        ("WAIT_FACTOR", config.wait_factor != 1),
        ("PUBLIC_URL", not config.public_url.startswith("https://")),
        ("SMS_CHANNEL", config.sms_channel == "simulator"),
        ("OIDC_ISSUER", config.oidc_issuer.startswith("http://")),
    ):
        if wrong:
            raise ConfigurationError(f"{PREFIX}{variable} is set for a rehearsal, and this is production")
