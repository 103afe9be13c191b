CREATE TABLE epochs (
    number INTEGER NOT NULL,
    root CHAR(32) NOT NULL,
    wrapped BLOB NOT NULL,
    begun_at DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now') || '000') NOT NULL,
    CONSTRAINT pk_epochs PRIMARY KEY (number)
);

CREATE TABLE key_checks (
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    CONSTRAINT pk_key_checks PRIMARY KEY (name)
);

CREATE TABLE owner_keys (
    owner CHAR(32) NOT NULL,
    key_id CHAR(32) NOT NULL,
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_owner_keys PRIMARY KEY (owner),
    CONSTRAINT uq_owner_keys_key_id UNIQUE (key_id),
    CONSTRAINT fk_owner_keys_epoch FOREIGN KEY(epoch) REFERENCES epochs (number) ON DELETE RESTRICT
);

CREATE INDEX ix_owner_keys_epoch ON owner_keys (epoch);
