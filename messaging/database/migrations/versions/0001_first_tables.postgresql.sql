CREATE TABLE api_keys (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    secret_digest BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT uq_api_keys_name UNIQUE (name),
    CONSTRAINT uq_api_keys_secret_digest UNIQUE (secret_digest)
);

CREATE TABLE audit_entries (
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id UUID,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    position BIGINT,
    chain BYTEA,
    CONSTRAINT pk_audit_entries PRIMARY KEY (id),
    CONSTRAINT ck_audit_entries_chained_whole CHECK ((position IS NULL) = (chain IS NULL))
);

CREATE INDEX ix_audit_entries_unchained ON audit_entries (id) WHERE position IS NULL;

CREATE UNIQUE INDEX uq_audit_entries_position ON audit_entries (position) WHERE position IS NOT NULL;

CREATE TABLE audit_head (
    id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    chain BYTEA NOT NULL,
    anchored_position BIGINT NOT NULL,
    anchored_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_head PRIMARY KEY (id)
);

CREATE TABLE breakers (
    name TEXT NOT NULL,
    state VARCHAR(32) NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    next_probe_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_breakers PRIMARY KEY (name),
    CONSTRAINT ck_breakers_breakerstate CHECK (state = ANY ('{closed,open,probing}'::text[]))
);

CREATE TABLE changes (
    position BIGSERIAL NOT NULL,
    kind TEXT NOT NULL,
    object_id UUID NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_changes PRIMARY KEY (position)
);

CREATE INDEX ix_changes_happened_at ON changes (happened_at);

CREATE TABLE citizens (
    id UUID NOT NULL,
    cpr_index BYTEA NOT NULL,
    cpr BYTEA NOT NULL CONSTRAINT ck_citizens_cpr_sealed CHECK ((cpr IS NULL OR (octet_length(cpr) >= 78 AND substring(cpr from 1 for 1) = '\x01'::bytea))),
    first_name BYTEA NOT NULL CONSTRAINT ck_citizens_first_name_sealed CHECK ((first_name IS NULL OR (octet_length(first_name) >= 78 AND substring(first_name from 1 for 1) = '\x01'::bytea))),
    last_name BYTEA NOT NULL CONSTRAINT ck_citizens_last_name_sealed CHECK ((last_name IS NULL OR (octet_length(last_name) >= 78 AND substring(last_name from 1 for 1) = '\x01'::bytea))),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_citizens PRIMARY KEY (id),
    CONSTRAINT uq_citizens_cpr_index UNIQUE (cpr_index)
);

CREATE TABLE heartbeats (
    name TEXT NOT NULL,
    pid BIGINT NOT NULL,
    beat_at TIMESTAMP WITH TIME ZONE NOT NULL,
    errors BIGINT NOT NULL,
    error_code TEXT,
    CONSTRAINT pk_heartbeats PRIMARY KEY (name)
);

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    object_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (scope, key)
);

CREATE TABLE imports (
    id UUID NOT NULL,
    source TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    imported_by TEXT NOT NULL,
    lines BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (id)
);

CREATE TABLE inbound_events (
    id UUID NOT NULL,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    raw BYTEA NOT NULL CONSTRAINT ck_inbound_events_raw_sealed CHECK ((raw IS NULL OR (octet_length(raw) >= 78 AND substring(raw from 1 for 1) = '\x01'::bytea))),
    CONSTRAINT pk_inbound_events PRIMARY KEY (id),
    CONSTRAINT uq_inbound_events_channel_account_provider_message_id UNIQUE (channel, account, provider_message_id)
);

CREATE TABLE journal_streams (
    id UUID NOT NULL,
    last_seq BIGINT NOT NULL,
    CONSTRAINT pk_journal_streams PRIMARY KEY (id)
);

CREATE TABLE leaderships (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_leaderships PRIMARY KEY (name)
);

CREATE TABLE meeting_texts (
    id UUID NOT NULL,
    meeting_type TEXT NOT NULL,
    purpose TEXT NOT NULL,
    next_step TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_to TIMESTAMP WITH TIME ZONE,
    approved_by TEXT NOT NULL,
    CONSTRAINT pk_meeting_texts PRIMARY KEY (id),
    CONSTRAINT uq_meeting_texts_meeting_type_valid_from UNIQUE (meeting_type, valid_from)
);

CREATE TABLE phone_numbers (
    id UUID NOT NULL,
    number_index BYTEA NOT NULL,
    shared BOOLEAN NOT NULL,
    paused_since TIMESTAMP WITH TIME ZONE,
    pause_reason VARCHAR(32),
    provider_blocked_since TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_phone_numbers PRIMARY KEY (id),
    CONSTRAINT uq_phone_numbers_number_index UNIQUE (number_index),
    CONSTRAINT ck_phone_numbers_pausereason CHECK (pause_reason = ANY ('{wrong_number,stop_from_shared,stop_from_unknown}'::text[]))
);

CREATE TABLE places (
    name TEXT NOT NULL,
    words TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    CONSTRAINT pk_places PRIMARY KEY (name)
);

CREATE TABLE tail_positions (
    reader TEXT NOT NULL,
    position BIGINT NOT NULL,
    CONSTRAINT pk_tail_positions PRIMARY KEY (reader)
);

CREATE TABLE templates (
    id UUID NOT NULL,
    key TEXT NOT NULL,
    variant TEXT NOT NULL,
    language TEXT NOT NULL,
    version BIGINT NOT NULL,
    content_class TEXT NOT NULL,
    text TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_to TIMESTAMP WITH TIME ZONE,
    approved_by TEXT NOT NULL,
    CONSTRAINT pk_templates PRIMARY KEY (id),
    CONSTRAINT uq_templates_key_variant_language_version UNIQUE (key, variant, language, version)
);

CREATE TABLE units (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_units PRIMARY KEY (id),
    CONSTRAINT uq_units_name UNIQUE (name)
);

CREATE TABLE caseworkers (
    id UUID NOT NULL,
    initials TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    unit_id UUID NOT NULL,
    role VARCHAR(32) NOT NULL,
    active BOOLEAN NOT NULL,
    password_hash TEXT,
    CONSTRAINT pk_caseworkers PRIMARY KEY (id),
    CONSTRAINT uq_caseworkers_initials UNIQUE (initials),
    CONSTRAINT fk_caseworkers_unit_id FOREIGN KEY(unit_id) REFERENCES units (id),
    CONSTRAINT ck_caseworkers_role CHECK (role = ANY ('{caseworker,team_leader,superuser,auditor}'::text[]))
);

CREATE TABLE contact_points (
    id UUID NOT NULL,
    citizen_id UUID NOT NULL,
    number_id UUID NOT NULL,
    number BYTEA NOT NULL CONSTRAINT ck_contact_points_number_sealed CHECK ((number IS NULL OR (octet_length(number) >= 78 AND substring(number from 1 for 1) = '\x01'::bytea))),
    standing VARCHAR(32) NOT NULL,
    source TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_to TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_contact_points PRIMARY KEY (id),
    CONSTRAINT fk_contact_points_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_contact_points_number_id FOREIGN KEY(number_id) REFERENCES phone_numbers (id),
    CONSTRAINT ck_contact_points_standing CHECK (standing = ANY ('{in_use,proposed,ended}'::text[]))
);

CREATE INDEX ix_contact_points_citizen_id ON contact_points (citizen_id);

CREATE INDEX ix_contact_points_number_id ON contact_points (number_id);

CREATE UNIQUE INDEX uq_contact_points_in_use ON contact_points (citizen_id) WHERE standing = 'in_use';

CREATE TABLE conversations (
    id UUID NOT NULL,
    last_seq BIGINT NOT NULL,
    waiting VARCHAR(32) NOT NULL,
    waiting_since TIMESTAMP WITH TIME ZONE NOT NULL,
    unread BIGINT NOT NULL,
    last_message_at TIMESTAMP WITH TIME ZONE NOT NULL,
    danger_since TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_conversations PRIMARY KEY (id),
    CONSTRAINT fk_conversations_id FOREIGN KEY(id) REFERENCES citizens (id),
    CONSTRAINT ck_conversations_waiting CHECK (waiting = ANY ('{waiting_for_us,waiting_for_citizen,settled}'::text[]))
);

CREATE INDEX ix_conversations_waiting ON conversations (waiting, waiting_since);

CREATE TABLE import_lines (
    id UUID NOT NULL,
    import_id UUID NOT NULL,
    line BIGINT NOT NULL,
    outcome VARCHAR(32) NOT NULL,
    code TEXT NOT NULL,
    external_id TEXT,
    sentence TEXT NOT NULL,
    CONSTRAINT pk_import_lines PRIMARY KEY (id),
    CONSTRAINT fk_import_lines_import_id FOREIGN KEY(import_id) REFERENCES imports (id),
    CONSTRAINT ck_import_lines_lineoutcome CHECK (outcome = ANY ('{rejected,warning}'::text[]))
);

CREATE INDEX ix_import_lines_import_id ON import_lines (import_id);

CREATE TABLE journal_events (
    id UUID NOT NULL,
    stream_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    type TEXT NOT NULL,
    subject_id UUID NOT NULL,
    occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
    payload BYTEA NOT NULL CONSTRAINT ck_journal_events_payload_sealed CHECK ((payload IS NULL OR (octet_length(payload) >= 78 AND substring(payload from 1 for 1) = '\x01'::bytea))),
    state VARCHAR(32) NOT NULL,
    pending_since TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    lease_token UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    deaths BIGINT NOT NULL,
    receipt_number TEXT,
    receipted_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    CONSTRAINT pk_journal_events PRIMARY KEY (id),
    CONSTRAINT uq_journal_events_stream_id_seq UNIQUE (stream_id, seq),
    CONSTRAINT fk_journal_events_stream_id FOREIGN KEY(stream_id) REFERENCES journal_streams (id),
    CONSTRAINT ck_journal_events_eventstate CHECK (state = ANY ('{pending,delivered,receipted,rejected,parked}'::text[]))
)
 WITH (fillfactor = 70);

CREATE INDEX ix_journal_events_due ON journal_events (next_try_at) WHERE state = 'pending';

CREATE TABLE opt_outs (
    id UUID NOT NULL,
    citizen_id UUID NOT NULL,
    medium TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    lifted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_opt_outs PRIMARY KEY (id),
    CONSTRAINT fk_opt_outs_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id)
);

CREATE UNIQUE INDEX uq_opt_outs_standing ON opt_outs (citizen_id, medium) WHERE lifted_at IS NULL;

CREATE TABLE appointments (
    id UUID NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    citizen_id UUID NOT NULL,
    caseworker_id UUID NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    minutes BIGINT NOT NULL,
    meeting_type TEXT NOT NULL,
    form VARCHAR(32) NOT NULL,
    place TEXT,
    note BYTEA CONSTRAINT ck_appointments_note_sealed CHECK ((note IS NULL OR (octet_length(note) >= 78 AND substring(note from 1 for 1) = '\x01'::bytea))),
    self_booked BOOLEAN NOT NULL,
    reminded_elsewhere BOOLEAN NOT NULL,
    state VARCHAR(32) NOT NULL,
    state_since TIMESTAMP WITH TIME ZONE NOT NULL,
    revision BIGINT NOT NULL,
    booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    row_digest BYTEA,
    CONSTRAINT pk_appointments PRIMARY KEY (id),
    CONSTRAINT uq_appointments_source_external_id UNIQUE (source, external_id),
    CONSTRAINT fk_appointments_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_appointments_caseworker_id FOREIGN KEY(caseworker_id) REFERENCES caseworkers (id),
    CONSTRAINT ck_appointments_form CHECK (form = ANY ('{in_person,phone,video}'::text[])),
    CONSTRAINT ck_appointments_appointmentstate CHECK (state = ANY ('{booked,confirmed,new_time_asked,cancelled_by_citizen,cancelled_by_us,held,no_show,unknown}'::text[]))
);

CREATE INDEX ix_appointments_caseworker_id ON appointments (caseworker_id);

CREATE INDEX ix_appointments_citizen ON appointments (citizen_id, starts_at);

CREATE INDEX ix_appointments_starts_at ON appointments (starts_at);

CREATE TABLE caseload (
    id UUID NOT NULL,
    citizen_id UUID NOT NULL,
    caseworker_id UUID NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_to TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_caseload PRIMARY KEY (id),
    CONSTRAINT fk_caseload_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_caseload_caseworker_id FOREIGN KEY(caseworker_id) REFERENCES caseworkers (id)
);

CREATE INDEX ix_caseload_caseworker_id ON caseload (caseworker_id);

CREATE UNIQUE INDEX uq_caseload_present ON caseload (citizen_id) WHERE valid_to IS NULL;

CREATE TABLE messages (
    id UUID NOT NULL,
    conversation_id UUID,
    seq BIGINT,
    direction VARCHAR(32) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    author VARCHAR(32) NOT NULL,
    author_id UUID,
    medium TEXT NOT NULL,
    number_id UUID,
    contact_point_id UUID,
    body BYTEA NOT NULL CONSTRAINT ck_messages_body_sealed CHECK ((body IS NULL OR (octet_length(body) >= 78 AND substring(body from 1 for 1) = '\x01'::bytea))),
    segments BIGINT NOT NULL,
    content_free BOOLEAN NOT NULL,
    template TEXT,
    lane VARCHAR(32) NOT NULL,
    state VARCHAR(32) NOT NULL,
    state_since TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT,
    called_back TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    provider_time TIMESTAMP WITH TIME ZONE,
    late BOOLEAN NOT NULL,
    danger TEXT,
    tries BIGINT NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE,
    lease_token UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    deaths BIGINT NOT NULL,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT uq_messages_conversation_id_seq UNIQUE (conversation_id, seq),
    CONSTRAINT ck_messages_seq_in_thread CHECK ((conversation_id IS NULL) = (seq IS NULL)),
    CONSTRAINT ck_messages_addressed CHECK (direction = 'in' OR contact_point_id IS NOT NULL OR number_id IS NOT NULL),
    CONSTRAINT fk_messages_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id),
    CONSTRAINT ck_messages_direction CHECK (direction = ANY ('{in,out}'::text[])),
    CONSTRAINT ck_messages_kind CHECK (kind = ANY ('{text,reminder,notice,auto_reply,stop_answer,login_code}'::text[])),
    CONSTRAINT ck_messages_author CHECK (author = ANY ('{citizen,caseworker,integration,system}'::text[])),
    CONSTRAINT fk_messages_number_id FOREIGN KEY(number_id) REFERENCES phone_numbers (id),
    CONSTRAINT fk_messages_contact_point_id FOREIGN KEY(contact_point_id) REFERENCES contact_points (id),
    CONSTRAINT ck_messages_lane CHECK (lane = ANY ('{urgent,interactive,bulk,journal,upkeep}'::text[])),
    CONSTRAINT ck_messages_messagestate CHECK (state = ANY ('{received,draft,scheduled,queued,sending,sent,delivered,read,failed,expired,cancelled,unclear,held}'::text[]))
);

CREATE INDEX ix_messages_due ON messages (lane, due_at) WHERE state IN ('queued', 'scheduled');

CREATE INDEX ix_messages_open ON messages (conversation_id) WHERE state IN ('queued', 'scheduled', 'sending', 'unclear', 'held');

CREATE INDEX ix_messages_triage ON messages (number_id) WHERE conversation_id IS NULL;

CREATE UNIQUE INDEX uq_messages_in_flight ON messages (conversation_id) WHERE state = 'sending';

CREATE TABLE sign_in_sessions (
    id UUID NOT NULL,
    token_digest BYTEA NOT NULL,
    caseworker_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sign_in_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sign_in_sessions_token_digest UNIQUE (token_digest),
    CONSTRAINT fk_sign_in_sessions_caseworker_id FOREIGN KEY(caseworker_id) REFERENCES caseworkers (id)
);

CREATE TABLE attempts (
    id UUID NOT NULL,
    message_id UUID NOT NULL,
    number BIGINT NOT NULL,
    channel TEXT NOT NULL,
    token_digest BYTEA NOT NULL,
    body_digest BYTEA NOT NULL,
    state VARCHAR(32) NOT NULL,
    intended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    provider_message_id TEXT,
    error_code TEXT,
    status VARCHAR(32),
    lookups BIGINT NOT NULL,
    empty_lookups BIGINT NOT NULL,
    next_lookup_at TIMESTAMP WITH TIME ZONE,
    resolved_by TEXT,
    CONSTRAINT pk_attempts PRIMARY KEY (id),
    CONSTRAINT uq_attempts_message_id_number UNIQUE (message_id, number),
    CONSTRAINT uq_attempts_channel_provider_message_id UNIQUE (channel, provider_message_id),
    CONSTRAINT fk_attempts_message_id FOREIGN KEY(message_id) REFERENCES messages (id),
    CONSTRAINT uq_attempts_token_digest UNIQUE (token_digest),
    CONSTRAINT ck_attempts_attemptstate CHECK (state = ANY ('{intended,accepted,refused,not_sent,unclear}'::text[])),
    CONSTRAINT ck_attempts_deliverystatus CHECK (status = ANY ('{queued,sent,delivered,read,undelivered,failed,unknown}'::text[]))
);

CREATE INDEX ix_attempts_unclear ON attempts (next_lookup_at) WHERE state IN ('intended', 'unclear');

CREATE TABLE auto_replies (
    citizen_id UUID NOT NULL,
    period TEXT NOT NULL,
    message_id UUID NOT NULL,
    CONSTRAINT pk_auto_replies PRIMARY KEY (citizen_id, period),
    CONSTRAINT fk_auto_replies_citizen_id FOREIGN KEY(citizen_id) REFERENCES citizens (id),
    CONSTRAINT fk_auto_replies_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE TABLE outcomes (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    outcome VARCHAR(32) NOT NULL,
    reason BYTEA CONSTRAINT ck_outcomes_reason_sealed CHECK ((reason IS NULL OR (octet_length(reason) >= 78 AND substring(reason from 1 for 1) = '\x01'::bytea))),
    recorded_by TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    corrects_id UUID,
    CONSTRAINT pk_outcomes PRIMARY KEY (id),
    CONSTRAINT fk_outcomes_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT ck_outcomes_outcomeword CHECK (outcome = ANY ('{held,cancelled_by_citizen,cancelled_by_us,no_show,unknown}'::text[])),
    CONSTRAINT uq_outcomes_corrects_id UNIQUE (corrects_id),
    CONSTRAINT fk_outcomes_corrects_id FOREIGN KEY(corrects_id) REFERENCES outcomes (id)
);

CREATE INDEX ix_outcomes_appointment_id ON outcomes (appointment_id);

CREATE UNIQUE INDEX uq_outcomes_first ON outcomes (appointment_id, revision) WHERE corrects_id IS NULL;

CREATE TABLE reminders (
    id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    step TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state VARCHAR(32) NOT NULL,
    reason TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    message_id UUID,
    CONSTRAINT pk_reminders PRIMARY KEY (id),
    CONSTRAINT uq_reminders_appointment_id_revision_step UNIQUE (appointment_id, revision, step),
    CONSTRAINT fk_reminders_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT ck_reminders_reminderstate CHECK (state = ANY ('{planned,on_hold,sent,withheld,skipped}'::text[])),
    CONSTRAINT fk_reminders_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE INDEX ix_reminders_due ON reminders (due_at) WHERE state = 'planned';

CREATE INDEX ix_reminders_message_id ON reminders (message_id);

CREATE TABLE reply_readings (
    message_id UUID NOT NULL,
    label TEXT NOT NULL,
    rule TEXT,
    whole_text BOOLEAN NOT NULL,
    suggestion TEXT,
    appointment_id UUID,
    action VARCHAR(32) NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_reply_readings PRIMARY KEY (message_id),
    CONSTRAINT fk_reply_readings_message_id FOREIGN KEY(message_id) REFERENCES messages (id),
    CONSTRAINT fk_reply_readings_appointment_id FOREIGN KEY(appointment_id) REFERENCES appointments (id),
    CONSTRAINT ck_reply_readings_action CHECK (action = ANY ('{settled,keyword,confirmed,new_time_asked,number_paused,to_human}'::text[]))
);

CREATE INDEX ix_reply_readings_appointment_id ON reply_readings (appointment_id);

CREATE TABLE receipts (
    id UUID NOT NULL,
    attempt_id UUID,
    channel TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    provider_status TEXT NOT NULL,
    error_code TEXT NOT NULL,
    status VARCHAR(32) NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_receipts PRIMARY KEY (id),
    CONSTRAINT uq_receipts_channel_provider_message_id_provider_status_6a4d UNIQUE (channel, provider_message_id, provider_status, error_code),
    CONSTRAINT fk_receipts_attempt_id FOREIGN KEY(attempt_id) REFERENCES attempts (id),
    CONSTRAINT ck_receipts_deliverystatus CHECK (status = ANY ('{queued,sent,delivered,read,undelivered,failed,unknown}'::text[]))
);

CREATE INDEX ix_receipts_attempt_id ON receipts (attempt_id);
