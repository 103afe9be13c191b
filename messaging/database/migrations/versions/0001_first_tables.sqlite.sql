CREATE TABLE api_keys (
    id CHAR(32) NOT NULL,
    name TEXT NOT NULL,
    secret_digest BLOB NOT NULL,
    scopes TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    revoked_at DATETIME,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_name UNIQUE (name),
    CONSTRAINT uq_api_keys_secret_digest UNIQUE (secret_digest)
);

CREATE TABLE audit_entries (
    id CHAR(32) NOT NULL,
    at DATETIME NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id CHAR(32),
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id CHAR(32) NOT NULL,
    digest BLOB NOT NULL,
    mac BLOB NOT NULL,
    position INTEGER,
    chain BLOB,
    CONSTRAINT pk_audit_entries PRIMARY KEY (id),
    CONSTRAINT ck_audit_entries_chained_whole CHECK ((position IS NULL) = (chain IS NULL))
);

CREATE INDEX ix_audit_entries_unchained ON audit_entries (id) WHERE position IS NULL;

CREATE UNIQUE INDEX uq_audit_entries_position ON audit_entries (position) WHERE position IS NOT NULL;

CREATE TABLE audit_head (
    id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    chain BLOB NOT NULL,
    anchored_position INTEGER NOT NULL,
    anchored_at DATETIME NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (id)
);

CREATE TABLE breakers (
    name TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    since DATETIME NOT NULL,
    next_probe_at DATETIME,
    CONSTRAINT pk_breakers PRIMARY KEY (name),
    CONSTRAINT ck_breakers_breakerstate CHECK (state IN ('closed', 'open', 'probing'))
);

CREATE TABLE changes (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    object_id CHAR(32) NOT NULL,
    happened_at DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now') || '000') NOT NULL
);

CREATE INDEX ix_changes_happened_at ON changes (happened_at);

CREATE TABLE citizens (
    id CHAR(32) NOT NULL,
    cpr_index BLOB NOT NULL,
    cpr BLOB NOT NULL CONSTRAINT ck_citizens_cpr_sealed CHECK ((cpr IS NULL OR (typeof(cpr) = 'blob' AND length(cpr) >= 78 AND substr(cpr, 1, 1) = x'01'))),
    first_name BLOB NOT NULL CONSTRAINT ck_citizens_first_name_sealed CHECK ((first_name IS NULL OR (typeof(first_name) = 'blob' AND length(first_name) >= 78 AND substr(first_name, 1, 1) = x'01'))),
    last_name BLOB NOT NULL CONSTRAINT ck_citizens_last_name_sealed CHECK ((last_name IS NULL OR (typeof(last_name) = 'blob' AND length(last_name) >= 78 AND substr(last_name, 1, 1) = x'01'))),
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_citizens PRIMARY KEY (id),
    CONSTRAINT uq_citizens_cpr_index UNIQUE (cpr_index)
);

CREATE TABLE heartbeats (
    name TEXT NOT NULL,
    pid INTEGER NOT NULL,
    beat_at DATETIME NOT NULL,
    errors INTEGER NOT NULL,
    error_code TEXT,
    CONSTRAINT pk_heartbeats PRIMARY KEY (name)
);

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    "key" TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    object_id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (scope, "key")
);

CREATE TABLE imports (
    id CHAR(32) NOT NULL,
    source TEXT NOT NULL,
    imported_at DATETIME NOT NULL,
    imported_by TEXT NOT NULL,
    lines INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (id)
);

CREATE TABLE inbound_events (
    id CHAR(32) NOT NULL,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    received_at DATETIME NOT NULL,
    raw BLOB NOT NULL CONSTRAINT ck_inbound_events_raw_sealed CHECK ((raw IS NULL OR (typeof(raw) = 'blob' AND length(raw) >= 78 AND substr(raw, 1, 1) = x'01'))),
    CONSTRAINT pk_inbound_events PRIMARY KEY (id),
    CONSTRAINT uq_inbound_events_channel_account_provider_message_id UNIQUE (channel, account, provider_message_id)
);

CREATE TABLE journal_streams (
    id CHAR(32) NOT NULL,
    last_seq INTEGER NOT NULL,
    CONSTRAINT pk_journal_streams PRIMARY KEY (id)
);

CREATE TABLE leaderships (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until DATETIME NOT NULL,
    CONSTRAINT pk_leaderships PRIMARY KEY (name)
);

CREATE TABLE meeting_texts (
    id CHAR(32) NOT NULL,
    meeting_type TEXT NOT NULL,
    purpose TEXT NOT NULL,
    next_step TEXT NOT NULL,
    valid_from DATETIME NOT NULL,
    valid_to DATETIME,
    approved_by TEXT NOT NULL,
    CONSTRAINT pk_meeting_texts PRIMARY KEY (id),
    CONSTRAINT uq_meeting_texts_meeting_type_valid_from UNIQUE (meeting_type, valid_from)
);

CREATE TABLE phone_numbers (
    id CHAR(32) NOT NULL,
    number_index BLOB NOT NULL,
    shared BOOLEAN NOT NULL,
    paused_since DATETIME,
    pause_reason VARCHAR(32),
    provider_blocked_since DATETIME,
    version INTEGER NOT NULL,
    CONSTRAINT pk_phone_numbers PRIMARY KEY (id),
    CONSTRAINT uq_phone_numbers_number_index UNIQUE (number_index),
    CONSTRAINT ck_phone_numbers_pausereason CHECK (pause_reason IN ('wrong_number', 'stop_from_shared', 'stop_from_unknown'))
);

CREATE TABLE places (
    name TEXT NOT NULL,
    words TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    CONSTRAINT pk_places PRIMARY KEY (name)
);

CREATE TABLE tail_positions (
    reader TEXT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_tail_positions PRIMARY KEY (reader)
);

CREATE TABLE templates (
    id CHAR(32) NOT NULL,
    "key" TEXT NOT NULL,
    variant TEXT NOT NULL,
    language TEXT NOT NULL,
    version INTEGER NOT NULL,
    content_class TEXT NOT NULL,
    text TEXT NOT NULL,
    valid_from DATETIME NOT NULL,
    valid_to DATETIME,
    approved_by TEXT NOT NULL,
    CONSTRAINT pk_templates PRIMARY KEY (id),
    CONSTRAINT uq_templates_key_variant_language_version UNIQUE ("key", variant, language, version)
);

CREATE TABLE units (
    id CHAR(32) NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_units PRIMARY KEY (id),
    CONSTRAINT uq_units_name UNIQUE (name)
);

CREATE TABLE caseworkers (
    id CHAR(32) NOT NULL,
    initials TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    unit_id CHAR(32) NOT NULL,
    role VARCHAR(32) NOT NULL,
    active BOOLEAN NOT NULL,
    password_hash TEXT,
    CONSTRAINT pk_caseworkers PRIMARY KEY (id),
    CONSTRAINT uq_caseworkers_initials UNIQUE (initials),
    CONSTRAINT fk_caseworkers_unit_id FOREIGN KEY(unit_id) REFERENCES units (id),
    CONSTRAINT ck_caseworkers_role CHECK (role IN ('caseworker', 'team_leader', 'superuser', 'auditor'))
);

CREATE TABLE contact_points (
    id CHAR(32) NOT NULL,
    citizen_id CHAR(32) NOT NULL,
    number_id CHAR(32) NOT NULL,
    number BLOB NOT NULL CONSTRAINT ck_contact_points_number_sealed CHECK ((number IS NULL OR (typeof(number) = 'blob' AND length(number) >= 78 AND substr(number, 1, 1) = x'01'))),
    standing VARCHAR(32) NOT NULL,
    source TEXT NOT NULL,
    valid_from DATETIME NOT NULL,
    valid_to DATETIME,
    CONSTRAINT pk_contact_points PRIMARY KEY (id),
    CONSTRAINT fk_contact_points_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_contact_points_number_id FOREIGN KEY(number_id) REFERENCES phone_numbers (id),
    CONSTRAINT ck_contact_points_standing CHECK (standing IN ('in_use', 'proposed', 'ended'))
);

CREATE INDEX ix_contact_points_citizen_id ON contact_points (citizen_id);

CREATE INDEX ix_contact_points_number_id ON contact_points (number_id);

CREATE UNIQUE INDEX uq_contact_points_in_use ON contact_points (citizen_id) WHERE standing = 'in_use';

CREATE TABLE conversations (
    id CHAR(32) NOT NULL,
    last_seq INTEGER NOT NULL,
    waiting VARCHAR(32) NOT NULL,
    waiting_since DATETIME NOT NULL,
    unread INTEGER NOT NULL,
    last_message_at DATETIME NOT NULL,
    danger_since DATETIME,
    CONSTRAINT pk_conversations PRIMARY KEY (id),
    CONSTRAINT fk_conversations_id FOREIGN KEY(id) REFERENCES citizens (id),
    CONSTRAINT ck_conversations_waiting CHECK (waiting IN ('waiting_for_us', 'waiting_for_citizen', 'settled'))
);

CREATE INDEX ix_conversations_waiting ON conversations (waiting, waiting_since);

CREATE TABLE import_lines (
    id CHAR(32) NOT NULL,
    import_id CHAR(32) NOT NULL,
    line INTEGER NOT NULL,
    outcome VARCHAR(32) NOT NULL,
    code TEXT NOT NULL,
    external_id TEXT,
    sentence TEXT NOT NULL,
    CONSTRAINT pk_import_lines PRIMARY KEY (id),
    CONSTRAINT fk_import_lines_import_id FOREIGN KEY(import_id) REFERENCES imports (id),
    CONSTRAINT ck_import_lines_lineoutcome CHECK (outcome IN ('rejected', 'warning'))
);

CREATE INDEX ix_import_lines_import_id ON import_lines (import_id);

CREATE TABLE journal_events (
    id CHAR(32) NOT NULL,
    stream_id CHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    subject_id CHAR(32) NOT NULL,
    occurred_at DATETIME NOT NULL,
    payload BLOB NOT NULL CONSTRAINT ck_journal_events_payload_sealed CHECK ((payload IS NULL OR (typeof(payload) = 'blob' AND length(payload) >= 78 AND substr(payload, 1, 1) = x'01'))),
    state VARCHAR(32) NOT NULL,
    pending_since DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now') || '000') NOT NULL,
    tries INTEGER NOT NULL,
    next_try_at DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now') || '000') NOT NULL,
    lease_token CHAR(32),
    lease_until DATETIME,
    deaths INTEGER NOT NULL,
    receipt_number TEXT,
    receipted_at DATETIME,
    reason TEXT,
    CONSTRAINT pk_journal_events PRIMARY KEY (id),
    CONSTRAINT uq_journal_events_stream_id_seq UNIQUE (stream_id, seq),
    CONSTRAINT fk_journal_events_stream_id FOREIGN KEY(stream_id) REFERENCES journal_streams (id),
    CONSTRAINT ck_journal_events_eventstate CHECK (state IN ('pending', 'delivered', 'receipted', 'rejected', 'parked'))
);

CREATE INDEX ix_journal_events_due ON journal_events (next_try_at) WHERE state = 'pending';

CREATE TABLE opt_outs (
    id CHAR(32) NOT NULL,
    citizen_id CHAR(32) NOT NULL,
    medium TEXT NOT NULL,
    since DATETIME NOT NULL,
    lifted_at DATETIME,
    CONSTRAINT pk_opt_outs PRIMARY KEY (id),
    CONSTRAINT fk_opt_outs_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id)
);

CREATE UNIQUE INDEX uq_opt_outs_standing ON opt_outs (citizen_id, medium) WHERE lifted_at IS NULL;

CREATE TABLE appointments (
    id CHAR(32) NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    citizen_id CHAR(32) NOT NULL,
    caseworker_id CHAR(32) NOT NULL,
    starts_at DATETIME NOT NULL,
    minutes INTEGER NOT NULL,
    meeting_type TEXT NOT NULL,
    form VARCHAR(32) NOT NULL,
    place TEXT,
    note BLOB CONSTRAINT ck_appointments_note_sealed CHECK ((note IS NULL OR (typeof(note) = 'blob' AND length(note) >= 78 AND substr(note, 1, 1) = x'01'))),
    self_booked BOOLEAN NOT NULL,
    reminded_elsewhere BOOLEAN NOT NULL,
    state VARCHAR(32) NOT NULL,
    state_since DATETIME NOT NULL,
    revision INTEGER NOT NULL,
    booked_at DATETIME NOT NULL,
    row_digest BLOB,
    CONSTRAINT pk_appointments PRIMARY KEY (id),
    CONSTRAINT uq_appointments_source_external_id UNIQUE (source, external_id),
    CONSTRAINT fk_appointments_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_appointments_caseworker_id FOREIGN KEY(caseworker_id) REFERENCES caseworkers (id),
    CONSTRAINT ck_appointments_form CHECK (form IN ('in_person', 'phone', 'video')),
    CONSTRAINT ck_appointments_appointmentstate CHECK (state IN ('booked', 'confirmed', 'new_time_asked', 'cancelled_by_citizen', 'cancelled_by_us', 'held', 'no_show', 'unknown'))
);

CREATE INDEX ix_appointments_caseworker_id ON appointments (caseworker_id);

CREATE INDEX ix_appointments_citizen ON appointments (citizen_id, starts_at);

CREATE INDEX ix_appointments_starts_at ON appointments (starts_at);

CREATE TABLE caseload (
    id CHAR(32) NOT NULL,
    citizen_id CHAR(32) NOT NULL,
    caseworker_id CHAR(32) NOT NULL,
    valid_from DATETIME NOT NULL,
    valid_to DATETIME,
    CONSTRAINT pk_caseload PRIMARY KEY (id),
    CONSTRAINT fk_caseload_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_caseload_caseworker_id FOREIGN KEY(caseworker_id) REFERENCES caseworkers (id)
);

CREATE INDEX ix_caseload_caseworker_id ON caseload (caseworker_id);

CREATE UNIQUE INDEX uq_caseload_present ON caseload (citizen_id) WHERE valid_to IS NULL;

CREATE TABLE messages (
    id CHAR(32) NOT NULL,
    conversation_id CHAR(32),
    seq INTEGER,
    direction VARCHAR(32) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    author VARCHAR(32) NOT NULL,
    author_id CHAR(32),
    medium TEXT NOT NULL,
    number_id CHAR(32),
    contact_point_id CHAR(32),
    body BLOB NOT NULL CONSTRAINT ck_messages_body_sealed CHECK ((body IS NULL OR (typeof(body) = 'blob' AND length(body) >= 78 AND substr(body, 1, 1) = x'01'))),
    segments INTEGER NOT NULL,
    content_free BOOLEAN NOT NULL,
    template TEXT,
    lane VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    state_since DATETIME NOT NULL,
    reason TEXT,
    called_back TEXT,
    created_at DATETIME NOT NULL,
    due_at DATETIME NOT NULL,
    expires_at DATETIME,
    provider_time DATETIME,
    late BOOLEAN NOT NULL,
    danger TEXT,
    tries INTEGER NOT NULL,
    next_try_at DATETIME,
    lease_token CHAR(32),
    lease_until DATETIME,
    deaths INTEGER NOT NULL,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT uq_messages_conversation_id_seq UNIQUE (conversation_id, seq),
    CONSTRAINT ck_messages_seq_in_thread CHECK ((conversation_id IS NULL) = (seq IS NULL)),
    CONSTRAINT ck_messages_addressed CHECK (direction = 'in' OR contact_point_id IS NOT NULL OR number_id IS NOT NULL),
    CONSTRAINT fk_messages_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id),
    CONSTRAINT ck_messages_direction CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_messages_kind CHECK (kind IN ('text', 'reminder', 'notice', 'auto_reply', 'stop_answer', 'login_code')),
    CONSTRAINT ck_messages_author CHECK (author IN ('citizen', 'caseworker', 'integration', 'system')),
    CONSTRAINT fk_messages_number_id FOREIGN KEY(number_id) REFERENCES phone_numbers (id),
    CONSTRAINT fk_messages_contact_point_id FOREIGN KEY(contact_point_id) REFERENCES contact_points (id),
    CONSTRAINT ck_messages_lane CHECK (lane IN ('urgent', 'interactive', 'bulk', 'journal', 'upkeep')),
    CONSTRAINT ck_messages_messagestate CHECK (state IN ('received', 'draft', 'scheduled', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'expired', 'cancelled', 'unclear', 'held'))
);

CREATE INDEX ix_messages_due ON messages (lane, due_at) WHERE state IN ('queued', 'scheduled');

CREATE INDEX ix_messages_open ON messages (conversation_id) WHERE state IN ('queued', 'scheduled', 'sending', 'unclear', 'held');

CREATE INDEX ix_messages_triage ON messages (number_id) WHERE conversation_id IS NULL;

CREATE UNIQUE INDEX uq_messages_in_flight ON messages (conversation_id) WHERE state = 'sending';

CREATE TABLE sign_in_sessions (
    id CHAR(32) NOT NULL,
    token_digest BLOB NOT NULL,
    caseworker_id CHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    ended_at DATETIME,
    CONSTRAINT pk_sign_in_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sign_in_sessions_token_digest UNIQUE (token_digest),
    CONSTRAINT fk_sign_in_sessions_caseworker_id FOREIGN KEY(caseworker_id) REFERENCES caseworkers (id)
);

CREATE TABLE attempts (
    id CHAR(32) NOT NULL,
    message_id CHAR(32) NOT NULL,
    number INTEGER NOT NULL,
    channel TEXT NOT NULL,
    token_digest BLOB NOT NULL,
    body_digest BLOB NOT NULL,
    state VARCHAR(32) NOT NULL,
    intended_at DATETIME NOT NULL,
    lease_until DATETIME NOT NULL,
    answered_at DATETIME,
    provider_message_id TEXT,
    error_code TEXT,
    status VARCHAR(32),
    lookups INTEGER NOT NULL,
    empty_lookups INTEGER NOT NULL,
    next_lookup_at DATETIME,
    resolved_by TEXT,
    CONSTRAINT pk_attempts PRIMARY KEY (id),
    CONSTRAINT uq_attempts_message_id_number UNIQUE (message_id, number),
    CONSTRAINT uq_attempts_channel_provider_message_id UNIQUE (channel, provider_message_id),
    CONSTRAINT fk_attempts_message_id FOREIGN KEY(message_id) REFERENCES messages (id),
    CONSTRAINT uq_attempts_token_digest UNIQUE (token_digest),
    CONSTRAINT ck_attempts_attemptstate CHECK (state IN ('intended', 'accepted', 'refused', 'not_sent', 'unclear')),
    CONSTRAINT ck_attempts_deliverystatus CHECK (status IN ('queued', 'sent', 'delivered', 'read', 'undelivered', 'failed', 'unknown'))
);

CREATE INDEX ix_attempts_unclear ON attempts (next_lookup_at) WHERE state IN ('intended', 'unclear');

CREATE TABLE auto_replies (
    citizen_id CHAR(32) NOT NULL,
    period TEXT NOT NULL,
    message_id CHAR(32) NOT NULL,
    CONSTRAINT pk_auto_replies PRIMARY KEY (citizen_id, period),
    CONSTRAINT fk_auto_replies_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_auto_replies_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE TABLE outcomes (
    id CHAR(32) NOT NULL,
    appointment_id CHAR(32) NOT NULL,
    revision INTEGER NOT NULL,
    outcome VARCHAR(32) NOT NULL,
    reason BLOB CONSTRAINT ck_outcomes_reason_sealed CHECK ((reason IS NULL OR (typeof(reason) = 'blob' AND length(reason) >= 78 AND substr(reason, 1, 1) = x'01'))),
    recorded_by TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    corrects_id CHAR(32),
    CONSTRAINT pk_outcomes PRIMARY KEY (id),
    CONSTRAINT fk_outcomes_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT ck_outcomes_outcomeword CHECK (outcome IN ('held', 'cancelled_by_citizen', 'cancelled_by_us', 'no_show', 'unknown')),
    CONSTRAINT uq_outcomes_corrects_id UNIQUE (corrects_id),
    CONSTRAINT fk_outcomes_corrects_id FOREIGN KEY(corrects_id) REFERENCES outcomes (id)
);

CREATE INDEX ix_outcomes_appointment_id ON outcomes (appointment_id);

CREATE UNIQUE INDEX uq_outcomes_first ON outcomes (appointment_id, revision) WHERE corrects_id IS NULL;

CREATE TABLE reminders (
    id CHAR(32) NOT NULL,
    appointment_id CHAR(32) NOT NULL,
    revision INTEGER NOT NULL,
    step TEXT NOT NULL,
    due_at DATETIME NOT NULL,
    state VARCHAR(32) NOT NULL,
    reason TEXT,
    decided_at DATETIME,
    message_id CHAR(32),
    CONSTRAINT pk_reminders PRIMARY KEY (id),
    CONSTRAINT uq_reminders_appointment_id_revision_step UNIQUE (appointment_id, revision, step),
    CONSTRAINT fk_reminders_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT ck_reminders_reminderstate CHECK (state IN ('planned', 'on_hold', 'sent', 'withheld', 'skipped')),
    CONSTRAINT fk_reminders_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE INDEX ix_reminders_due ON reminders (due_at) WHERE state = 'planned';

CREATE INDEX ix_reminders_message_id ON reminders (message_id);

CREATE TABLE reply_readings (
    message_id CHAR(32) NOT NULL,
    label TEXT NOT NULL,
    rule TEXT,
    whole_text BOOLEAN NOT NULL,
    suggestion TEXT,
    appointment_id CHAR(32),
    action VARCHAR(32) NOT NULL,
    read_at DATETIME NOT NULL,
    CONSTRAINT pk_reply_readings PRIMARY KEY (message_id),
    CONSTRAINT fk_reply_readings_message_id FOREIGN KEY(message_id) REFERENCES messages (id),
    CONSTRAINT fk_reply_readings_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT ck_reply_readings_action CHECK (action IN ('settled', 'keyword', 'confirmed', 'new_time_asked', 'number_paused', 'to_human'))
);

CREATE INDEX ix_reply_readings_appointment_id ON reply_readings (appointment_id);

CREATE TABLE receipts (
    id CHAR(32) NOT NULL,
    attempt_id CHAR(32),
    channel TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    provider_status TEXT NOT NULL,
    error_code TEXT NOT NULL,
    status VARCHAR(32) NOT NULL,
    received_at DATETIME NOT NULL,
    CONSTRAINT pk_receipts PRIMARY KEY (id),
    CONSTRAINT uq_receipts_channel_provider_message_id_provider_status_error_code UNIQUE (channel, provider_message_id, provider_status, error_code),
    CONSTRAINT fk_receipts_attempt_id FOREIGN KEY(attempt_id) REFERENCES attempts (id),
    CONSTRAINT ck_receipts_deliverystatus CHECK (status IN ('queued', 'sent', 'delivered', 'read', 'undelivered', 'failed', 'unknown'))
);

CREATE INDEX ix_receipts_attempt_id ON receipts (attempt_id);
