-- The intake ledger. Applied whole by its owner at every start of intake: idempotent.
-- Two replicas may start at once; this lock, held to the commit, lets them do it in turn.
SELECT pg_advisory_xact_lock(hashtext('cytolake.intake.schema'));

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'intake') THEN
    CREATE SCHEMA intake;
  END IF;
END $$;

CREATE TABLE IF NOT EXISTS intake.source (
  name        text PRIMARY KEY,
  site        text NOT NULL,
  vendor      text,
  layout      text,
  timezone    text NOT NULL,
  revision    integer NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE intake.source
  ADD COLUMN IF NOT EXISTS instrument text,
  ADD COLUMN IF NOT EXISTS owner text,
  ADD COLUMN IF NOT EXISTS file_names text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS freshness_hours double precision CHECK (freshness_hours > 0);
COMMENT ON TABLE intake.source IS 'One row per registered source: who sends files, and how they are to be read.';

COMMENT ON COLUMN intake.source.freshness_hours IS 'A source without a new file for longer is late; null: nothing is expected.';

CREATE TABLE IF NOT EXISTS intake.shape (
  source         text NOT NULL,
  fingerprint    text NOT NULL,
  vendor         text,
  layout         text,
  columns        text[] NOT NULL DEFAULT '{}',
  first_seen_at  timestamptz NOT NULL DEFAULT now(),
  last_seen_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, fingerprint)
);
COMMENT ON TABLE intake.shape IS 'One row per shape of file (fingerprint of its header) of a source that was loaded.';

CREATE TABLE IF NOT EXISTS intake.api_key (
  key_sha256  text PRIMARY KEY CHECK (key_sha256 ~ '^[0-9a-f]{64}$'),
  source      text REFERENCES intake.source,
  label       text,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz
);
COMMENT ON COLUMN intake.api_key.source IS 'The one source it may put files for; null: an operator.';

CREATE TABLE IF NOT EXISTS intake.object (
  object_id       uuid PRIMARY KEY,
  bucket          text NOT NULL,
  key             text NOT NULL,
  version_id      text NOT NULL,
  etag            text NOT NULL,
  size_bytes      bigint NOT NULL,
  content_type    text,
  last_modified   timestamptz NOT NULL,
  content_sha256  text,
  source          text NOT NULL,
  source_revision integer,
  object_seq      integer,
  received_at     timestamptz NOT NULL DEFAULT now(),
  duplicate_of    uuid REFERENCES intake.object,
  state           text NOT NULL,
  state_since     timestamptz NOT NULL DEFAULT now(),
  reason_code     text,
  message         text,
  warnings        text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE intake.object IS 'One row per version of a key in the inbound bucket that intake has seen.';
COMMENT ON COLUMN intake.object.object_seq IS 'Its number among the versions of its key, in the order of the store; null when it vanished.';
COMMENT ON COLUMN intake.object.state IS 'That of its newest run (ARCHITECTURE.md, States).';
CREATE UNIQUE INDEX IF NOT EXISTS object_version ON intake.object (bucket, key, version_id) WHERE version_id <> 'null';
CREATE UNIQUE INDEX IF NOT EXISTS object_number ON intake.object (bucket, key, object_seq);
CREATE INDEX IF NOT EXISTS object_content ON intake.object (content_sha256);
CREATE INDEX IF NOT EXISTS object_duplicate ON intake.object (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX IF NOT EXISTS object_newest ON intake.object (received_at DESC, object_id DESC);
CREATE INDEX IF NOT EXISTS object_by_source ON intake.object (source, received_at DESC, object_id DESC);

CREATE TABLE IF NOT EXISTS intake.run (
  run_id        uuid PRIMARY KEY,
  object_id     uuid NOT NULL REFERENCES intake.object,
  run_no        integer NOT NULL CHECK (run_no >= 1),
  decision      text NOT NULL DEFAULT 'arrival',
  actor         text NOT NULL DEFAULT 'intake',
  reason        text,
  source        jsonb NOT NULL,
  opened_at     timestamptz NOT NULL DEFAULT now(),
  state         text NOT NULL DEFAULT 'received',
  state_since   timestamptz NOT NULL DEFAULT now(),
  progress      smallint NOT NULL DEFAULT 0,
  announced_at  timestamptz,
  announcement  integer NOT NULL DEFAULT 0,
  ended_at      timestamptz,
  rows          bigint,
  UNIQUE (object_id, run_no)
);
COMMENT ON TABLE intake.run IS 'One row per passage of an object through the pipeline; the outbox of file.landed.';
COMMENT ON COLUMN intake.run.source IS 'The source as it was registered when the run was opened.';
COMMENT ON COLUMN intake.run.announcement IS 'How often it was announced with success; the next one has the next number.';
CREATE INDEX IF NOT EXISTS run_open ON intake.run (opened_at)
  WHERE state IN ('received', 'landed', 'converted', 'validated', 'built');
CREATE INDEX IF NOT EXISTS run_progress ON intake.run (progress, opened_at);

CREATE TABLE IF NOT EXISTS intake.event (
  event_id         uuid PRIMARY KEY,
  run_id           uuid,
  type             text NOT NULL,
  time             timestamptz NOT NULL,
  stream_sequence  bigint,
  message          text NOT NULL,
  data             jsonb NOT NULL,
  recorded_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE intake.event IS 'One row per event or dead letter, as the tracker saw it first.';
COMMENT ON COLUMN intake.event.run_id IS 'Null for those of a build: intake.event_run names its runs.';
CREATE INDEX IF NOT EXISTS event_of_run ON intake.event (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_recorded ON intake.event (recorded_at DESC);

CREATE TABLE IF NOT EXISTS intake.event_run (
  run_id    uuid NOT NULL,
  event_id  uuid NOT NULL REFERENCES intake.event,
  PRIMARY KEY (run_id, event_id)
);
COMMENT ON TABLE intake.event_run IS 'One row per run that an event of a build covers.';

CREATE TABLE IF NOT EXISTS intake.stream (
  name        text PRIMARY KEY,
  created_at  timestamptz NOT NULL
);
COMMENT ON TABLE intake.stream IS 'When each stream that intake relies on was created: a later time means a loss.';

-- Roles are the provisioner's; where one is missing (a test, a partial stack) nothing is granted.
DO $$ DECLARE reader text; BEGIN
  FOREACH reader IN ARRAY ARRAY['api', 'dbt_marts'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
      EXECUTE format('GRANT USAGE ON SCHEMA intake TO %I', reader);
      EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA intake TO %I', reader);
    END IF;
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'dbt_marts') THEN
    REVOKE SELECT ON intake.api_key FROM dbt_marts;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'api') THEN
    GRANT INSERT, UPDATE ON intake.source, intake.api_key TO api;
  END IF;
END $$;
