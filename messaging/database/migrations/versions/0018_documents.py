"""Documents in sealed pieces, what citizens are asked for, and how much comes on a day."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from messaging.database.base import Moment
from messaging.vault.sealed import SealedType, sealed_form

revision = "0018"
down_revision = "0017"

OPEN = sa.text("state IN ('receiving', 'waiting', 'parked')")
DECLARED = ("pdf", "jpeg", "png", "heic", "webp", "text", "docx", "odt", "photos")
KINDS = ("pdf", "jpeg", "text", "docx", "odt")
ORIGINS = ("citizen", "staff", "mms")
PARTS = ("sent", "kept")
STATES = ("receiving", "waiting", "clean", "refused", "parked")
REFUSALS = ("wrong_type", "unreadable", "too_heavy", "locked", "active", "mixed", "virus")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "asked_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        _refers("asked_documents", "citizen_id", "citizens.id", nullable=False),
        _refers("asked_documents", "asked_by", "caseworkers.id", nullable=False),
        _sealed("asked_documents", "words", nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("withdrawn_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_asked_documents"),
    )
    op.create_index("ix_asked_documents_citizen", "asked_documents", ["citizen_id", "asked_at"])
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        _refers("documents", "citizen_id", "citizens.id", nullable=False),
        _sealed("documents", "name", nullable=False),
        _word("declared", DECLARED, name="declared", nullable=False),
        _word("kind", KINDS, name="kind", nullable=True),
        _word("origin", ORIGINS, name="origin", nullable=False),
        _refers("documents", "by_id", "caseworkers.id", nullable=True),
        _refers("documents", "asked_id", "asked_documents.id", nullable=True),
        sa.Column("size", _number(), nullable=False),
        sa.Column("pieces", _number(), nullable=False),
        _word("part", PARTS, name="part", nullable=False),
        _sealed("documents", "manifest", nullable=True),
        _word("state", STATES, name="documentstate", nullable=False),
        sa.Column("state_since", Moment(), nullable=False),
        _word("refusal", REFUSALS, name="refusal", nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.Column("opened_at", Moment(), nullable=True),
        _refers("documents", "opened_by", "caseworkers.id", nullable=True),
        sa.Column("tries", _number(), nullable=False),
        sa.Column("next_try_at", Moment(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("deaths", _number(), nullable=False),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_documents_refused_for_a_reason")
        ),
        sa.CheckConstraint("(state = 'clean') = (kind IS NOT NULL)", name=op.f("ck_documents_clean_is_of_a_kind")),
        sa.CheckConstraint(
            "(state IN ('receiving', 'refused')) OR (manifest IS NOT NULL)", name=op.f("ck_documents_whole")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_citizen", "documents", ["citizen_id", "created_at"])
    op.create_index(
        "ix_documents_open", "documents", ["state", "next_try_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "document_pieces",
        sa.Column(
            "document_id",
            sa.Uuid(),
            sa.ForeignKey("documents.id", name="fk_document_pieces_document_id", ondelete="CASCADE"),
            nullable=False,
        ),
        _word("part", PARTS, name="part", nullable=False),
        sa.Column("number", _number(), nullable=False),
        _sealed("document_pieces", "content", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "part", "number", name="pk_document_pieces"),
    )
    op.create_table(
        "upload_days",
        _refers("upload_days", "citizen_id", "citizens.id", nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("documents", _number(), nullable=False),
        sa.Column("bytes", _number(), nullable=False),
        sa.PrimaryKeyConstraint("citizen_id", "day", name="pk_upload_days"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("upload_days", "document_pieces", "documents", "asked_documents"):
        op.drop_table(table)


def _number() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(table: str, column: str, target: str, *, nullable: bool) -> sa.Column[Any]:
    return sa.Column(column, sa.Uuid(), sa.ForeignKey(target, name=f"fk_{table}_{column}"), nullable=nullable)


def _sealed(table: str, column: str, *, nullable: bool) -> sa.Column[Any]:
    check = sa.CheckConstraint(sealed_form(column), name=op.f(f"ck_{table}_{column}_sealed"))
    return sa.Column(column, SealedType(), check, nullable=nullable)


def _word(column: str, words: tuple[str, ...], *, name: str, nullable: bool) -> sa.Column[Any]:
    kind = sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)
    return sa.Column(column, kind, nullable=nullable)
