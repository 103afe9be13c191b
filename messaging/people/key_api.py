"""API keys over HTTP."""

import uuid
from typing import Any

import marshmallow as ma

from messaging.people import api_keys
from messaging.people.models import ApiKey
from messaging.web.api import ApiBlueprint, calling_actor
from messaging.web.shapes import Moment, Shape, Text
from messaging.web.shell import current_runtime

keys = ApiBlueprint("keys", __name__, description="Keys of other systems")


class KeyShape(Shape):
    """A key, without its secret. `succeeds` is the key whose place it takes: keys of one `system_id` are one source."""

    id = ma.fields.UUID(required=True, dump_only=True)
    name = Text(required=True, validate=ma.validate.Length(min=1, max=100))
    scopes = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(list(api_keys.SCOPES))), required=True)
    succeeds = ma.fields.UUID(load_only=True, load_default=None, allow_none=True)
    system_id = ma.fields.UUID(required=True, dump_only=True)
    created_at = Moment(required=True, dump_only=True)
    revoked_at = Moment(required=True, dump_only=True, allow_none=True)


class NewKeyShape(KeyShape):
    """A key just made. `secret` is shown now and never again."""

    secret = ma.fields.String(required=True, dump_only=True)


class KeysShape(Shape):
    """All keys, also revoked ones."""

    items = ma.fields.List(ma.fields.Nested(KeyShape), required=True)


@keys.get("/keys")
@keys.needs("keys:manage")
@keys.gives(200, KeysShape)
def list_keys() -> dict[str, Any]:
    """List all keys."""
    with current_runtime().database.read() as session:
        return {"items": [_shown(key) for key in api_keys.list_keys(session)]}


@keys.post("/keys")
@keys.needs("keys:manage", errors=(409,))
@keys.takes(KeyShape)
@keys.gives(201, NewKeyShape)
def create_key(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a key; its secret is in this answer and nowhere else."""
    with current_runtime().act(calling_actor()) as act:
        made = api_keys.create_key(act, name=asked["name"], scopes=asked["scopes"], succeeds=asked["succeeds"])
    return {**_shown(made.key), "secret": made.secret}


@keys.delete("/keys/<uuid:key_id>")
@keys.needs("keys:manage", errors=(404,))
@keys.gives(200, KeyShape)
def revoke_key(key_id: uuid.UUID) -> dict[str, Any]:
    """Revoke a key; it stops working within five seconds."""
    with current_runtime().act(calling_actor()) as act:
        return _shown(api_keys.revoke_key(act, key_id=key_id))


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes.split(),
        "system_id": key.system,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
