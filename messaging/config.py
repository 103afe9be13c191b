"""The configuration: read once from the environment, complete or refused with a sentence that names the variable.

Every variable begins with `BORGERDIALOG_`. One that ends in `_FILE` (besides the key file) is the path of a file
that holds the value. Settings of a channel or case system begin with its name, see `SETTINGS` of its class.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from messaging.config_settings import PREFIX, SETTINGS, Setting
from messaging.errors import ConfigurationError
from messaging.waits import Waits

__all__ = ["PREFIX", "PUSH", "SETTINGS", "WAIVED", "Config"]

PUSH = "app_push"
"""The channel to the app on a phone. It is on when any of its settings is given."""
WAIVED = "waived"
"""Said in place of the address of something that production otherwise insists on."""


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
    mitid_issuer: str
    mitid_client_id: str
    mitid_client_secret: str = field(repr=False)
    mitid_scope: str
    mitid_cpr_claim: str
    mitid_assurance_claim: str
    mitid_assurance: tuple[str, ...]
    mitid_acr_values: str
    feeds: str
    welcome: bool
    clamav: str
    unit_name: str
    unit_phone: str
    app_name: str
    codes_per_hour: int
    code_prefixes: tuple[str, ...]
    app_sms_minutes: int
    app_sms_hours: int
    municipality: str
    municipality_contact: str
    dpo_contact: str
    accessibility_statement: str
    exit_address: str
    reminder_days: tuple[int, ...]
    reminder_weekdays: tuple[int, int]
    reminder_weekends: tuple[int, int]
    closed_days: tuple[date, ...]
    too_late_minutes: int
    sms_price: int
    office_hours: tuple[int, int]
    answer_hours: int
    evaluation_kept_days: int
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
    if config.mitid_issuer and not (config.mitid_client_id and config.mitid_client_secret and config.mitid_assurance):
        raise ConfigurationError(
            "BORGERDIALOG_MITID_ISSUER needs BORGERDIALOG_MITID_CLIENT_ID, …_CLIENT_SECRET and …_ASSURANCE"
        )
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
        ("MITID_ISSUER", config.mitid_issuer.startswith("http://")),
    ):
        if wrong:
            raise ConfigurationError(f"{PREFIX}{variable} is set for a rehearsal, and this is production")
