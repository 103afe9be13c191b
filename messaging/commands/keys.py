"""keys status | create | rotate | rewrap | vapid."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from adapters.channels.vapid import new_key
from messaging.commands.surroundings import as_json, print_json, progress_bar
from messaging.composing import open_keystore
from messaging.config import PREFIX, Config
from messaging.database.engine import Database
from messaging.errors import ConfigurationError
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


@keys.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def vapid(path: Path) -> None:
    """Make the key by which push services know this deployment, in the file PATH (mode 0600); never overwrites one.

    Phones subscribe with this key: with another one, none of them is reached until its owner turns pushes on again.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_key())
    except FileExistsError:
        raise ConfigurationError(f"{path} exists already and is not overwritten") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror})") from None
    click.echo(f"{path} is made. Set {PREFIX}APP_PUSH_KEY_FILE to it, and {PREFIX}APP_PUSH_CONTACT to mailto: and an")
    click.echo("address of those who run the service.")


def _keys() -> tuple[Keyring, Database]:
    """Open key file and keystore; the keystore is closed when the command ends."""
    config = Config.from_environment()
    keyring = Keyring.load(config.key_file)
    keystore = open_keystore(config)
    click.get_current_context().call_on_close(keystore.close)
    return keyring, keystore
