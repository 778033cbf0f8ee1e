CREATE TABLE IF NOT EXISTS "marts"."mart_quality_event" (
  "event_id" text NOT NULL,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "kind" text,
  "severity" text,
  "batch_id" text,
  "step" text,
  "cause" text,
  "opened_at" timestamptz,
  "closed_at" timestamptz,
  "lims" text,
  "has_warnings" boolean,
  PRIMARY KEY ("event_id"),
  CONSTRAINT "event_id_has_text" CHECK ("event_id" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "kind_in_set" CHECK ("kind" IN ('deviation', 'oos', 'oot', 'capa')) NOT ENFORCED,
  CONSTRAINT "severity_in_set" CHECK ("severity" IN ('minor', 'major', 'critical')) NOT ENFORCED,
  CONSTRAINT "opened_at_is_plausible" CHECK ("opened_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "opened_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "closed_at_is_plausible" CHECK ("closed_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "closed_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "kind_required" CHECK ("kind" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_quality_event" IS 'one row per quality event. Quality events. Slices by event, for some name no batch. Contract: mart_quality_event 1.0.0; owner: quality-control-data.';
COMMENT ON COLUMN "marts"."mart_quality_event"."event_id" IS 'The event, as the LIMS or the quality system names it.';
COMMENT ON COLUMN "marts"."mart_quality_event"."object_id" IS 'The object version in the inbound bucket that the record was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_quality_event"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_quality_event"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_quality_event"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_quality_event"."kind" IS 'What kind of event it is.';
COMMENT ON COLUMN "marts"."mart_quality_event"."severity" IS 'How severe it is.';
COMMENT ON COLUMN "marts"."mart_quality_event"."batch_id" IS 'The manufacturing batch (ISA-88).';
COMMENT ON COLUMN "marts"."mart_quality_event"."step" IS 'The process step.';
COMMENT ON COLUMN "marts"."mart_quality_event"."cause" IS 'The cause that was found.';
COMMENT ON COLUMN "marts"."mart_quality_event"."opened_at" IS 'When it was opened, UTC.';
COMMENT ON COLUMN "marts"."mart_quality_event"."closed_at" IS 'When it was closed, UTC; null while it is open.';
COMMENT ON COLUMN "marts"."mart_quality_event"."lims" IS 'The LIMS that told it, by the name of its source.';
COMMENT ON COLUMN "marts"."mart_quality_event"."has_warnings" IS 'True where a file it rests on was let in although it breaks rules.';
