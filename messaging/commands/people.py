"""staff add | disable | password, api-key create | revoke."""

import uuid

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from messaging.commands.surroundings import OPERATOR, open_runtime
from messaging.errors import NotFound
from messaging.people import api_keys, registering, signing_in
from messaging.people.models import Caseworker, Role


@click.group()
def staff() -> None:
    """Who works here and may sign in."""


@staff.command()
@click.argument("initials")
@click.option("--name", required=True)
@click.option("--email")
@click.option("--unit", required=True, help="Made if there is none of this name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.CASEWORKER.value)
@click.password_option(help="For signing in without the municipality's own sign-in.")
def add(initials: str, name: str, email: str | None, unit: str, role: str, password: str) -> None:
    """Add a member of staff, or bring one up to date."""
    with open_runtime().act(OPERATOR) as act:
        added = registering.register_caseworker(
            act,
            initials=initials,
            name=name,
            email=email,
            unit_id=registering.register_unit(act, name=unit).id,
            role=Role(role),
        )
        signing_in.set_password(act, caseworker_id=added.id, password=password)
    click.echo(f"{initials} may sign in")


@staff.command()
@click.argument("initials")
def disable(initials: str) -> None:
    """Let a member of staff sign in no more; open sessions end."""
    with open_runtime().act(OPERATOR) as act:
        signing_in.disable(act, staff=_find(act.session, initials))
    click.echo(f"{initials} can no longer sign in")


@click.group(name="api-key")
def api_key() -> None:
    """Keys of other systems."""


@api_key.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="May be given several times.")
@click.option("--succeeds", metavar="NAME", help="The key whose place it takes: the same system goes on.")
def create(name: str, scopes: tuple[str, ...], succeeds: str | None) -> None:
    """Make a key; its secret is shown once and never again."""
    with open_runtime().act(OPERATOR) as act:
        former = api_keys.find_key(act.session, name=succeeds).id if succeeds else None
        made = api_keys.create_key(act, name=name, scopes=scopes, succeeds=former)
    click.echo(made.secret)


@api_key.command()
@click.argument("key_id", type=uuid.UUID)
def revoke(key_id: uuid.UUID) -> None:
    """Let a key open nothing any more."""
    with open_runtime().act(OPERATOR) as act:
        api_keys.revoke_key(act, key_id=key_id)
    click.echo("revoked")


def _find(session: Session, initials: str) -> Caseworker:
    found = session.scalar(sa.select(Caseworker).filter_by(initials=initials))
    if found is None:
        raise NotFound(f"nobody works here under the initials {initials}")
    return found
