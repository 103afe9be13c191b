"""What README and docs say of settings and commands is what settings and commands say of themselves."""

from messaging.config import SETTINGS
from tests.conftest import ROOT
from tools import commands_reference, settings_table


def test_readme_has_the_tables_of_all_settings() -> None:
    found = settings_table.BLOCK.findall(settings_table.README.read_text(encoding="utf-8"))

    assert found == [settings_table.tables()], "python -m tools.settings_table"


def test_tables_name_every_setting_of_service_channels_and_case_systems() -> None:
    tables = settings_table.tables()

    assert all(f"`{setting.variable}`" in tables for setting in SETTINGS)
    for variable in ("TWILIO_SMS_ACCOUNT_SID", "SIMULATOR_SECRET", "WEBHOOK_URL"):
        assert f"`BORGERDIALOG_{variable}` | must be given" in tables


def test_docs_have_every_command_as_it_describes_itself() -> None:
    found = commands_reference.REFERENCE.read_text(encoding="utf-8")

    assert found == commands_reference.reference(), "python -m tools.commands_reference"


def test_reference_names_every_command_and_subcommand() -> None:
    headings = [line for line in commands_reference.reference().splitlines() if line.startswith("## ")]

    assert [" ".join(words) for words, _ in commands_reference.commands()] == [line[3:] for line in headings]
    assert {"## borgerdialog serve", "## borgerdialog journal park", "## borgerdialog api-key revoke"} <= set(headings)


def test_readme_leads_to_the_commands() -> None:
    assert "docs/commands.md" in (ROOT / "README.md").read_text(encoding="utf-8")
