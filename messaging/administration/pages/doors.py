"""Who comes in: superusers, who change things, and auditors, who only read. For all others there is nothing here."""

from messaging.errors import NotFound
from messaging.people.actors import Actor
from messaging.people.models import Role
from messaging.web.pages import signed_in


def reader() -> Actor:
    """Return who asks, if she may read. Raises NotFound."""
    actor = signed_in()
    if actor.role not in {Role.SUPERUSER, Role.AUDITOR}:
        raise NotFound("only superusers and auditors come here")
    return actor


def superuser() -> Actor:
    """Return who asks, if she may change things. Raises NotFound."""
    actor = signed_in()
    if actor.role is not Role.SUPERUSER:
        raise NotFound("only superusers change this")
    return actor


def auditor() -> Actor:
    """Return who asks, if she may read the audit trail. Raises NotFound."""
    actor = signed_in()
    if actor.role is not Role.AUDITOR:
        raise NotFound("only auditors read this")
    return actor
