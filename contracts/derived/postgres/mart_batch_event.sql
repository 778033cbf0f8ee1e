CREATE TABLE IF NOT EXISTS "marts"."mart_batch_event" (
  "batch_id" text NOT NULL,
  "event" text NOT NULL,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "occurred_at" timestamptz,
  "coi_hash" text,
  "lims" text,
  "has_warnings" boolean,
  PRIMARY KEY ("batch_id", "event"),
  CONSTRAINT "batch_id_has_text" CHECK ("batch_id" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "event_in_set" CHECK ("event" IN ('apheresis', 'receipt', 'start', 'harvest', 'cryo', 'release', 'reject', 'terminate', 'ship', 'infusion')) NOT ENFORCED,
  CONSTRAINT "occurred_at_is_plausible" CHECK ("occurred_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "occurred_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "occurred_at_required" CHECK ("occurred_at" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_batch_event" IS 'one row per batch and milestone. Milestones of batches. Slices by batch; a changed batch heals its milestones. Contract: mart_batch_event 1.0.0; owner: manufacturing-data.';
COMMENT ON COLUMN "marts"."mart_batch_event"."batch_id" IS 'The manufacturing batch (ISA-88).';
COMMENT ON COLUMN "marts"."mart_batch_event"."event" IS 'The milestone.';
COMMENT ON COLUMN "marts"."mart_batch_event"."object_id" IS 'The object version in the inbound bucket that the record was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_batch_event"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_batch_event"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_batch_event"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_batch_event"."occurred_at" IS 'When it happened, UTC.';
COMMENT ON COLUMN "marts"."mart_batch_event"."coi_hash" IS 'The chain of identity, as sha256 in hex of a secret salt and the opaque id: it joins, it names nobody.';
COMMENT ON COLUMN "marts"."mart_batch_event"."lims" IS 'The LIMS that told it, by the name of its source.';
COMMENT ON COLUMN "marts"."mart_batch_event"."has_warnings" IS 'True where a file it rests on was let in although it breaks rules.';
