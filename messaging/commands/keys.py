"""keys status | rotate | rewrap."""

from dataclasses import asdict

import click

from messaging.commands.surroundings import as_json, print_json, progress_bar
from messaging.composing import open_keystore
from messaging.config import Config
from messaging.database.engine import Database
from messaging.vault import rotation
from messaging.vault.keyring import Keyring


@click.group()
def keys() -> None:
    """The keys above the citizens' keys."""


@keys.command()
@as_json
def status(*, as_json: bool) -> None:
    """Say which roots and epochs there are, and how many citizens' keys hang on each."""
    found = rotation.keys_status(*_keys())
    if as_json:
        print_json(asdict(found))
        return
    for root in found.roots:
        click.echo(f"root {root.id} made {root.created:%Y-%m-%d %H:%M} UTC, wraps {root.epochs} epochs")
    for epoch in found.epochs:
        click.echo(
            f"epoch {epoch.number} begun {epoch.begun_at:%Y-%m-%d}, under root {epoch.root}, {epoch.owners} keys"
        )


@keys.command()
def create() -> None:
    """Make the key file of a new deployment (mode 0600); never overwrites one."""
    keyring = Keyring.create(Config.from_environment().key_file)
    click.echo(f"{keyring.path} is made. Keep a copy in a safe place: without it nothing can ever be read again.")


@keys.command()
def rotate() -> None:
    """Add a root key. Copy the key file to every machine, then run `keys rewrap`."""
    click.echo(f"root {rotation.rotate(Keyring.load(Config.from_environment().key_file))} is added")


@keys.command()
def rewrap() -> None:
    """Wrap everything with the newest root; can be stopped at any moment and run again."""
    keyring, keystore = _keys()
    with progress_bar("rewrapping") as progress:
        done = rotation.rewrap(keyring, keystore, progress=progress)
    click.echo(f"{done.epochs} epochs and {done.owners} keys moved, {len(done.unopened)} did not open")
    if done.unopened:
        raise click.exceptions.Exit(1)


def _keys() -> tuple[Keyring, Database]:
    """Open key file and keystore; the keystore is closed when the command ends."""
    config = Config.from_environment()
    keyring = Keyring.load(config.key_file)
    keystore = open_keystore(config)
    click.get_current_context().call_on_close(keystore.close)
    return keyring, keystore
