"""Shapes of what the API takes and gives: fields that refuse what no database or screen can hold, and list pages.

Shapes check types, lengths and forms; rules that need to look something up belong to the rooms.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
PAGE = 50
LARGEST_PAGE = 200


class Text(ma.fields.String):
    """Text that a person wrote: no control characters but line breaks and tabs, no half characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if CONTROLS.search(text):
            raise ma.ValidationError("Holds a control character.")
        return text


class Moment(ma.fields.AwareDateTime):
    """A moment with its time zone, ISO 8601, in this century."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not EARLIEST <= moment < LATEST:
            raise ma.ValidationError("Not in this century.")
        return moment.astimezone(UTC)


class Shape(ma.Schema):
    """Base of all shapes. Unknown fields are refused: a misspelt field would be a silent loss."""


class ProblemShape(Shape):
    """An error, as RFC 9457 has it. `code` is stable, `request_id` is what the log knows it by."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    detail = ma.fields.String()
    field = ma.fields.String()
    reason = ma.fields.String()
    errors = ma.fields.Dict()
    request_id = ma.fields.String()


class PageQuery(Shape):
    """Which page of a list."""

    cursor = ma.fields.String(metadata={"description": "`next` of the page before; leave it out for the first page."})
    limit = ma.fields.Integer(load_default=PAGE, validate=ma.validate.Range(min=1, max=LARGEST_PAGE))


def page_of(shape: type[Shape]) -> type[Shape]:
    """Return the shape of one page of a list."""
    name = shape.__name__.removesuffix("Shape")
    fields = {
        "items": ma.fields.List(ma.fields.Nested(shape), required=True),
        "next": ma.fields.String(allow_none=True, required=True),
    }
    return type(f"{name}PageShape", (Shape,), fields)
