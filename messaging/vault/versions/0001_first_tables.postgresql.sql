CREATE TABLE epochs (
    number BIGINT NOT NULL,
    root UUID NOT NULL,
    wrapped BYTEA NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_epochs PRIMARY KEY (number)
);

CREATE TABLE key_checks (
    name TEXT NOT NULL,
    value BYTEA NOT NULL,
    CONSTRAINT pk_key_checks PRIMARY KEY (name)
);

CREATE TABLE owner_keys (
    owner UUID NOT NULL,
    key_id UUID NOT NULL,
    epoch BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    version BIGINT DEFAULT '1' NOT NULL,
    CONSTRAINT pk_owner_keys PRIMARY KEY (owner),
    CONSTRAINT uq_owner_keys_key_id UNIQUE (key_id),
    CONSTRAINT fk_owner_keys_epoch FOREIGN KEY(epoch) REFERENCES epochs (number) ON DELETE RESTRICT
);

CREATE INDEX ix_owner_keys_epoch ON owner_keys (epoch);
