"""The `borgerdialog` command. Each command's module is loaded when it is asked for, so that small ones stay light."""

import importlib
from typing import IO

import click

from messaging.errors import BorgerdialogError

COMMANDS = {
    "serve": ("serving", "Run the service: web server and worker, supervised."),
    "worker": ("working", "Run the worker alone."),
    "migrate": ("upkeep", "Bring the databases to the newest version of their tables."),
    "doctor": ("upkeep", "Say what is stuck, blocked or wrongly set, and why."),
    "run": ("rehearsing", "Start the whole service with a rehearsal city on this machine."),
    "rehearse": ("rehearsing", "Play the main job on given input and print the ledger."),
    "stub": ("rehearsing", "Play the outside world: provider, phones, case system."),
    "import": ("appointments", "Take in staff and appointments from files."),
    "remind": ("appointments", "The reminder log."),
    "replies": ("replies", "How answers to reminders are understood."),
    "attendance": ("appointments", "What became of the meetings that count."),
    "trial": ("trial", "The trial: who is allocated to which arm."),
    "journal": ("journal", "What the case system has, and what it lacks."),
    "documents": ("documents", "Papers of citizens that are stuck."),
    "keys": ("keys", "The keys above the citizens' keys."),
    "audit": ("audit", "The audit trail."),
    "staff": ("people", "Who works here and may sign in."),
    "api-key": ("people", "Keys of other systems."),
    "channels": ("channels", "The ways to reach citizens."),
    "evaluate": ("evaluation", "What the trial shows, and what it can show."),
}

EXTRAS = {"matplotlib": "evaluation", "numpy": "evaluation", "scipy": "evaluation", "statsmodels": "evaluation"}
"""Package → the extra that brings it, of those that a deployment can do without."""


class Refused(click.ClickException):
    """Settings or input cannot be used."""

    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        """Write the sentence."""
        click.echo(f"borgerdialog: {self.message}", err=True, file=file)


class Commands(click.Group):
    """Lists the commands without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        try:
            module = importlib.import_module(f"messaging.commands.{COMMANDS[cmd_name][0]}")
        except ModuleNotFoundError as missing:
            extra = EXTRAS.get((missing.name or "").partition(".")[0])
            if extra is None:
                raise
            raise Refused(f"{cmd_name} needs packages that are not installed: borgerdialog[{extra}]") from missing
        command: click.Command = getattr(module, cmd_name.replace("-", "_").replace("import", "import_"))
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what is wrong with settings or input is one sentence and exit code 2, not a traceback."""
        try:
            return super().invoke(ctx)
        except BorgerdialogError as error:
            raise Refused(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in COMMANDS.items()])


@click.command(cls=Commands)
@click.version_option(package_name="borgerdialog")
def cli() -> None:
    """Two-way, encrypted, journaled messages between caseworkers and citizens. Settings: see README.md."""


def main() -> None:
    """Run the command."""
    cli()


if __name__ == "__main__":
    main()
