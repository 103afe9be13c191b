"""The settings: their variables, how each is read, its default and what it means. README's table is made of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from messaging import config_kinds as kinds

PREFIX = "BORGERDIALOG_"


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
        field="mitid_issuer",
        read=kinds.address_or_nothing,
        default="",
        meaning="the broker through which citizens sign in by MitID (OpenID Connect); empty: they cannot",
    ),
    Setting(field="mitid_client_id", read=str, default="", meaning="what the broker calls this service"),
    Setting(field="mitid_client_secret", read=str, default="", meaning="what the two prove themselves with (secret)"),
    Setting(
        field="mitid_scope", read=kinds.text, default="openid ssn", meaning="what the broker is asked for, `openid …`"
    ),
    Setting(
        field="mitid_cpr_claim",
        read=kinds.text,
        default="dk.cpr",
        meaning="the claim that holds the CPR number, such as `nin` or `cprNumberIdentifier`",
    ),
    Setting(
        field="mitid_assurance_claim",
        read=kinds.text,
        default="loa",
        meaning="the claim that holds the level of assurance, such as `acr`",
    ),
    Setting(
        field="mitid_assurance",
        read=kinds.words,
        default="https://data.gov.dk/concept/core/nsis/Substantial https://data.gov.dk/concept/core/nsis/High",
        meaning="the levels that open sensitive messages",
    ),
    Setting(
        field="mitid_acr_values",
        read=str,
        default="",
        meaning="what asks the broker for a level (`acr_values`); empty: it is not asked for one",
    ),
    Setting(
        field="feeds",
        read=kinds.folder_or_nothing,
        default="",
        meaning="folder of profiles, `NAME.toml` for each source of meetings that is fetched; empty: none is",
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
    Setting(
        field="codes_per_hour",
        read=kinds.number(1, 100_000),
        default="120",
        meaning="login codes sent by SMS within an hour at most, to all citizens together; beyond it is an alarm",
    ),
    Setting(
        field="code_prefixes",
        read=kinds.prefixes,
        default="+45",
        meaning="countries whose numbers get login codes, `+45,+46`",
    ),
    Setting(
        field="app_sms_minutes",
        read=kinds.number(1, 10_080),
        default="60",
        meaning="a message that lies in the app unshown for so long after a push is followed by an SMS to log in",
    ),
    Setting(
        field="app_sms_hours",
        read=kinds.number(1, 720),
        default="24",
        meaning="hours between two such SMS to one citizen, at the least",
    ),
    Setting(
        field="municipality",
        read=kinds.text,
        default=None,
        meaning="who is responsible for the citizens' personal data, such as `Københavns Kommune`",
    ),
    Setting(
        field="municipality_contact",
        read=kinds.text,
        default=None,
        meaning="how one writes to them: an e-mail address or a postal one",
    ),
    Setting(
        field="dpo_contact",
        read=kinds.text,
        default=None,
        meaning="how one reaches the data protection officer: an e-mail address or a telephone number",
    ),
    Setting(
        field="accessibility_statement",
        read=kinds.address_or_nothing,
        default="",
        meaning="the app's official statement in WAS-Tool, `https://was.digst.dk/…`; empty until there is one",
    ),
    Setting(
        field="exit_address",
        read=kinds.secure_address,
        default="https://www.dr.dk/",
        meaning='where "Forlad siden" in the app leads at once: a page that tells nothing, `https://…`',
    ),
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
    Setting(
        field="evaluation_kept_days",
        read=kinds.number(30, 3650),
        default="365",
        meaning="days after the trial's end until the evaluation's extract is deleted",
    ),
)
