"""Messages in the citizen's app: who may read each, no number needed, and an index of what lies there unread.

On SQLite the table is not rebuilt: a column at the end with a default, and a CHECK that lets more through, change
nothing in the rows, so the text of the table is changed, as https://sqlite.org/lang_altertable.html#otheralter says.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

UNREAD = sa.text("state = 'sent' AND medium = 'app'")
WORDS = ("sms_ok", "consequence", "login_only", "sensitive")
COLUMN = "content_class VARCHAR(32) DEFAULT 'sms_ok' NOT NULL"
BEFORE = "direction = 'in' OR contact_point_id IS NOT NULL OR number_id IS NOT NULL"
AFTER = "direction = 'in' OR medium = 'app' OR contact_point_id IS NOT NULL OR number_id IS NOT NULL"
LAST_COLUMN = "deaths INTEGER NOT NULL,"
LAST_CHECK = "'cancelled', 'unclear', 'held'))"
OF_WORDS = f", CONSTRAINT ck_messages_contentclass CHECK (content_class IN ({', '.join(map(repr, WORDS))}))"


def upgrade() -> None:
    """Add the column, the looser CHECK and the index."""
    if op.get_bind().dialect.name == "sqlite":
        _rewrite((LAST_COLUMN, f"{LAST_COLUMN} {COLUMN},"), (LAST_CHECK, LAST_CHECK + OF_WORDS), (BEFORE, AFTER))
    else:
        op.execute(f"ALTER TABLE messages ADD COLUMN {COLUMN}")
        op.execute(
            "ALTER TABLE messages ADD CONSTRAINT ck_messages_contentclass"
            f" CHECK (content_class = ANY ('{{{','.join(WORDS)}}}'::text[]))"
        )
        _address(AFTER)
    op.create_index(
        "ix_messages_unread_in_app", "messages", ["conversation_id"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )


def downgrade() -> None:
    """Take them away; fails while there is a message in the app, which the old tables cannot hold."""
    if op.get_bind().scalar(sa.text("SELECT 1 FROM messages WHERE medium = 'app' LIMIT 1")):
        raise RuntimeError("there are messages in the app, and the tables before this version cannot hold them")
    op.drop_index("ix_messages_unread_in_app", "messages")
    if op.get_bind().dialect.name == "sqlite":
        _rewrite((OF_WORDS, ""), (AFTER, BEFORE))
        op.execute("ALTER TABLE messages DROP COLUMN content_class")
    else:
        _address(BEFORE)
        op.execute("ALTER TABLE messages DROP COLUMN content_class")


def _address(rule: str) -> None:
    op.execute("ALTER TABLE messages DROP CONSTRAINT ck_messages_addressed")
    op.execute(f"ALTER TABLE messages ADD CONSTRAINT ck_messages_addressed CHECK ({rule})")


def _rewrite(*changes: tuple[str, str]) -> None:
    """Change the text of the table on SQLite, each piece of it once; other connections read it anew."""
    bind = op.get_bind()
    text = bind.scalar(sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'messages'"))
    for old, new in changes:
        if text.count(old) != 1:
            raise RuntimeError("the table of messages is not as the version before left it")
        text = text.replace(old, new)
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    bind.execute(
        sa.text("UPDATE sqlite_schema SET sql = :text WHERE type = 'table' AND name = 'messages'"), {"text": text}
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
