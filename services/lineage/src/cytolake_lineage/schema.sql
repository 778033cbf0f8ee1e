-- The audit trail: an entry for each message of the stream and each decision, by audit.record,
-- never changed or removed (21 CFR 11.10(e): changes must not obscure what was recorded).
-- Idempotent: lineage runs it at every start, as the owner of schema audit.
SET LOCAL client_min_messages = warning;
SELECT pg_advisory_xact_lock(hashtext('audit.schema'));

CREATE TABLE IF NOT EXISTS audit.entry (
    entry_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream text NOT NULL,
    stream_created timestamptz NOT NULL,
    stream_sequence bigint NOT NULL,
    subject text NOT NULL,
    stored_at timestamptz NOT NULL,
    type text NOT NULL,
    about text,
    event_id uuid,
    announcement integer,
    object_id uuid,
    run_id uuid,
    time timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    summary text NOT NULL,
    payload jsonb,
    body bytea,
    payload_sha256 text NOT NULL,
    repeats bigint,
    UNIQUE (stream, stream_created, stream_sequence),
    CHECK ((payload IS NULL) <> (body IS NULL))
);
CREATE INDEX IF NOT EXISTS entry_event ON audit.entry (event_id, announcement);
CREATE INDEX IF NOT EXISTS entry_object ON audit.entry (object_id, entry_no);

COMMENT ON TABLE audit.entry IS 'One message of the stream each, in the order it was recorded.';
COMMENT ON COLUMN audit.entry.stream_created IS
'Which stream of that name: a broker that was wiped counts from 1 again.';
COMMENT ON COLUMN audit.entry.stored_at IS 'When the broker stored the message.';
COMMENT ON COLUMN audit.entry.about IS 'The key of the file, or build/<number>.';
COMMENT ON COLUMN audit.entry.time IS 'When it happened, by the event itself.';
COMMENT ON COLUMN audit.entry.body IS
'The message as it is, where it is no JSON that PostgreSQL can keep.';
COMMENT ON COLUMN audit.entry.payload_sha256 IS 'SHA-256 of the message as it lies in the stream.';
COMMENT ON COLUMN audit.entry.repeats IS
'The entry that told the same event in the same announcement before.';

CREATE OR REPLACE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed (% refused)', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE TRIGGER entry_is_final
BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entry
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

-- Owners hold every right until they give it up; the trigger guards what a superuser keeps.
REVOKE ALL ON audit.entry FROM PUBLIC;
REVOKE UPDATE, DELETE, TRUNCATE ON audit.entry FROM CURRENT_USER;

CREATE OR REPLACE FUNCTION audit.record(
    p_stream text, p_stream_created timestamptz, p_stream_sequence bigint, p_subject text,
    p_stored_at timestamptz, p_body bytea, p_type text, p_about text, p_event_id uuid,
    p_announcement integer, p_object_id uuid, p_run_id uuid, p_time timestamptz, p_summary text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    digest CONSTANT text := encode(sha256(p_body), 'hex');
    as_json jsonb;
    known record;
    number bigint;
BEGIN
    SELECT e.entry_no, e.payload_sha256 INTO known FROM audit.entry AS e
    WHERE e.stream = p_stream AND e.stream_created = p_stream_created
        AND e.stream_sequence = p_stream_sequence;
    IF FOUND AND known.payload_sha256 = digest THEN
        RETURN known.entry_no;
    ELSIF FOUND THEN
        RAISE EXCEPTION 'message % of stream % (%) is recorded as entry % with other bytes',
            p_stream_sequence, p_stream, p_stream_created, known.entry_no;
    END IF;
    BEGIN
        as_json := convert_from(p_body, 'UTF8')::jsonb;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        as_json := NULL;  -- not JSON, or JSON that jsonb cannot hold: the bytes are kept
    END;
    INSERT INTO audit.entry (
        stream, stream_created, stream_sequence, subject, stored_at, type, about, event_id,
        announcement, object_id, run_id, time, summary, payload, body, payload_sha256, repeats
    ) VALUES (
        p_stream, p_stream_created, p_stream_sequence, p_subject, p_stored_at, p_type, p_about,
        p_event_id, p_announcement, p_object_id, p_run_id, p_time, p_summary, as_json,
        CASE WHEN as_json IS NULL THEN p_body END, digest,
        (SELECT min(e.entry_no) FROM audit.entry AS e
            WHERE e.event_id = p_event_id AND e.announcement = p_announcement)
    ) RETURNING entry_no INTO number;
    RETURN number;
END $$;
REVOKE ALL ON FUNCTION audit.record FROM PUBLIC;
-- Who records something in the transaction that does it (intake: what people decide).
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'intake') THEN
        GRANT EXECUTE ON FUNCTION audit.record TO intake;
    END IF;
END $$;

CREATE OR REPLACE VIEW audit.timeline AS
SELECT
    entry_no, time, type, about, summary, object_id, run_id, event_id, announcement, recorded_at
FROM audit.entry
WHERE repeats IS NULL
ORDER BY stream_created, stream, stream_sequence;
COMMENT ON VIEW audit.timeline IS 'What happened, each thing once, in the order of the stream.';

CREATE OR REPLACE VIEW audit.seen AS
SELECT
    stream,
    stream_created,
    min(stream_sequence) AS first_sequence,
    max(stream_sequence) AS last_sequence,
    count(*) AS messages,
    count(*) FILTER (WHERE type = 'unreadable') AS unreadable
FROM audit.entry
GROUP BY stream, stream_created;
COMMENT ON VIEW audit.seen IS 'How much of each stream was seen, to be held against the stream.';

CREATE OR REPLACE VIEW audit.gap AS
SELECT
    stream,
    stream_created,
    stream_sequence + 1 AS first_missing,
    next_sequence - 1 AS last_missing
FROM (
    SELECT
        stream,
        stream_created,
        stream_sequence,
        lead(stream_sequence) OVER (
            PARTITION BY stream, stream_created ORDER BY stream_sequence
        ) AS next_sequence
    FROM audit.entry
) AS consecutive
WHERE next_sequence > stream_sequence + 1;
COMMENT ON VIEW audit.gap IS 'Messages between the first and the last seen that never were seen.';
