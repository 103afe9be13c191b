"""A wrong setting stops every command with one sentence that names the variable."""

from pathlib import Path

import pytest

from messaging.config import PREFIX, SETTINGS, Config
from messaging.errors import ConfigurationError
from tests.commands.conftest import Deployment, Refused

BAD: dict[str, tuple[str, ...]] = {
    "production": ("", "true", "YES"),
    "data_folder": ("", " "),
    "database_url": ("", "mysql://x/y", "borgerdialog.db"),
    "keystore_url": ("", "sqlite://keys.db"),
    "key_file": ("",),
    "public_url": ("", "borgerdialog.dk", "https://", "ftp://borgerdialog.dk"),
    "host": ("",),
    "port": ("", "0", "65536", "http", "-1", "8080.5", "８０"),
    "web_workers": ("0", "many"),
    "web_threads": ("0", "1e3"),
    "database_pool": ("0", ""),
    "sms_channel": ("",),
    "case_system": (" ",),
    "stub_origins": ("127.0.0.1:8500", "http://127.0.0.1:1, nowhere"),
    "clock_file": ("/nonexistent/clock.json",),
    "wait_factor": ("0", "-1", "nan", "inf", "fast", ""),
    "key_cache": ("0", "all"),
    "sender_threads": ("0", "x"),
    "journal_threads": ("0", "x"),
    "session_idle_minutes": ("4", "0", "721", "en time"),
    "session_longest_minutes": ("4", "1441", ""),
    "oidc_issuer": ("login.example.dk", "ftp://login.example.dk"),
    "oidc_client_id": (),
    "oidc_client_secret": (),
    "oidc_claim": ("", " "),
    "mitid_issuer": ("broker.example.dk", "ftp://broker.example.dk"),
    "mitid_client_id": (),
    "mitid_client_secret": (),
    "mitid_scope": ("", " "),
    "mitid_cpr_claim": ("",),
    "mitid_assurance_claim": (" ",),
    "mitid_assurance": (),
    "mitid_acr_values": (),
    "welcome": ("", "måske"),
    "clamav": ("3310", "localhost:", "localhost:70000", "clamav.sock", "WAIVED"),
    "unit_name": ("", "  "),
    "unit_phone": ("",),
    "app_name": ("",),
    "app_sms_minutes": ("0", "10081", "straks"),
    "app_sms_hours": ("0", "721", "-1"),
    "codes_per_hour": ("0", "mange"),
    "code_prefixes": ("", "45", "+45;+46", "dk"),
    "municipality": ("", " "),
    "municipality_contact": ("",),
    "dpo_contact": ("",),
    "accessibility_statement": ("was.digst.dk/app",),
    "exit_address": ("", "www.dr.dk", "http://www.dr.dk/", "https://", "javascript:alert(1)", "https://www.dr.dk/ x"),
    "reminder_days": ("0", "61", "3;1", "tre"),
    "reminder_weekdays": ("9", "20-09", "9-25", "morgen"),
    "reminder_weekends": ("10-", "18-10"),
    "closed_days": ("24-12-2027", "2027-02-30", "jul"),
    "too_late_minutes": ("-5", "x"),
    "sms_price": ("-1", "gratis"),
    "answer_hours": ("-1", "81", "snart"),
    "office_hours": ("8-16-20", "16-16"),
    "feeds": ("/nonexistent/feeds",),
    "evaluation_kept_days": ("29", "3651", "altid"),
}
NEEDED = {
    PREFIX + "PUBLIC_URL": "https://borgerdialog.example.dk",
    PREFIX + "UNIT_PHONE": "89 40 00 00",
    PREFIX + "CLAMAV": "waived",
    PREFIX + "MUNICIPALITY": "Øvelse Kommune",
    PREFIX + "MUNICIPALITY_CONTACT": "ungecenteret@oevelse.example",
    PREFIX + "DPO_CONTACT": "dpo@oevelse.example",
}


def test_every_setting_is_tried_with_a_bad_value() -> None:
    assert set(BAD) == {setting.field for setting in SETTINGS}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
def test_bad_value_is_refused_by_the_name_of_its_variable(field: str, value: str) -> None:
    variable = PREFIX + field.upper()

    with pytest.raises(ConfigurationError, match=f"^{variable} cannot be used: must "):
        Config.from_environment({**NEEDED, variable: value})


@pytest.mark.parametrize("variable", NEEDED)
def test_missing_setting_is_named(variable: str) -> None:
    given = {name: value for name, value in NEEDED.items() if name != variable}

    with pytest.raises(ConfigurationError, match=f"{variable} is missing"):
        Config.from_environment(given)


def test_defaults_fit() -> None:
    config = Config.from_environment(NEEDED)

    assert config.production
    assert config.reminder_days == (3, 1)
    assert config.office_hours == (8, 16)


def test_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hemmeligt\n")
    given = {**NEEDED, PREFIX + "TWILIO_SMS_AUTH_TOKEN_FILE": str(tmp_path / "secret")}

    assert Config.from_environment(given).adapters["twilio_sms"]["auth_token"] == "hemmeligt"


def test_file_of_a_value_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ConfigurationError, match=f"{PREFIX}UNIT_NAME_FILE: the file cannot be read"):
        Config.from_environment({**NEEDED, PREFIX + "UNIT_NAME_FILE": "/nonexistent"})


@pytest.mark.parametrize("name", ["PORTT", "TWILIO_AUTH_TOKEN", "SIMULATOR_SECRET", "DATABASE"])
def test_unknown_variable_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{PREFIX}{name} is not a setting"):
        Config.from_environment({**NEEDED, PREFIX + name: "1"})


def test_variables_of_others_are_left_alone() -> None:
    assert Config.from_environment({**NEEDED, "PATH": "/bin", "PORT": "x"}).port == 8080


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUB_ORIGINS", "http://127.0.0.1:8500"),
        ("CLOCK_FILE", __file__),
        ("WAIT_FACTOR", "0.5"),
        ("PUBLIC_URL", "http://borgerdialog.example.dk"),
        ("SMS_CHANNEL", "simulator"),
    ],
)
def test_s16_production_refuses_what_is_set_for_a_rehearsal(name: str, value: str) -> None:
    """S16."""
    rehearsed = {**NEEDED, PREFIX + name: value}

    with pytest.raises(ConfigurationError, match=f"{PREFIX}{name} is set for a rehearsal"):
        Config.from_environment(rehearsed)
    Config.from_environment({**rehearsed, PREFIX + "PRODUCTION": "no"})


def test_keystore_in_the_services_own_database_is_refused() -> None:
    same = {PREFIX + "DATABASE_URL": "sqlite:///a.db", PREFIX + "KEYSTORE_URL": "sqlite:///a.db"}

    with pytest.raises(ConfigurationError, match=f"{PREFIX}KEYSTORE_URL must name another database"):
        Config.from_environment({**NEEDED, **same})


def test_sqlite_has_one_web_process() -> None:
    with pytest.raises(ConfigurationError, match=f"{PREFIX}WEB_WORKERS must be 1 on SQLite"):
        Config.from_environment({**NEEDED, PREFIX + "WEB_WORKERS": "2"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_SMS_ACCOUNT_SID", "AC12"),
        ("TWILIO_SMS_AUTH_TOKEN", ""),
        ("TWILIO_SMS_API_SECRET", "alone"),
        ("TWILIO_SMS_COLOUR", "red"),
        ("WEBHOOK_SECRETS", "whsec_short"),
        ("WEBHOOK_URL", ""),
    ],
)
def test_setting_of_an_adapter_is_refused_by_its_variable(
    name: str, value: str, deployment: Deployment, refused: Refused
) -> None:
    deployment.settings[name] = value

    assert f"{PREFIX}{name}: " in refused("doctor")


@pytest.mark.parametrize(
    ("name", "settings_of"),
    [("SMS_CHANNEL", "TWILIO_SMS_"), ("CASE_SYSTEM", "WEBHOOK_")],
    ids=["channel", "case system"],
)
def test_adapter_that_is_not_installed_is_refused_and_the_installed_ones_are_named(
    name: str, settings_of: str, deployment: Deployment, refused: Refused
) -> None:
    installed = deployment.settings.get(name, settings_of.removesuffix("_").lower())
    deployment.settings = {key: value for key, value in deployment.settings.items() if not key.startswith(settings_of)}
    deployment.settings[name] = "pigeon"

    said = refused("doctor")
    assert f"{PREFIX}{name}: 'pigeon'" in said
    assert installed in said


def test_secret_that_cannot_be_used_is_not_shown(deployment: Deployment, refused: Refused) -> None:
    deployment.settings["WEBHOOK_SECRETS"] = "whsec_hemmelig"

    assert "hemmelig" not in refused("doctor")


@pytest.mark.parametrize(
    "words",
    [
        ("serve",),
        ("worker",),
        ("migrate",),
        ("doctor",),
        ("keys", "status"),
        ("audit", "verify"),
        ("journal", "status"),
    ],
    ids=" ".join,
)
def test_every_command_refuses_a_wrong_setting_in_one_sentence(
    words: tuple[str, ...], deployment: Deployment, refused: Refused
) -> None:
    deployment.settings["PORT"] = "eighty"

    assert refused(*words) == f"borgerdialog: {PREFIX}PORT cannot be used: must be a whole number from 1 to 65535\n"
