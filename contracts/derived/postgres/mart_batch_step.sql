CREATE TABLE IF NOT EXISTS "marts"."mart_batch_step" (
  "batch_id" text NOT NULL,
  "step" text NOT NULL,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "seq" integer,
  "isa88_level" text,
  "planned_start_at" timestamptz,
  "planned_end_at" timestamptz,
  "planned_hours" double precision,
  "started_at" timestamptz,
  "ended_at" timestamptz,
  "hours" double precision,
  "planned_ratio" double precision,
  "queue_hours" double precision,
  "operator_hash" text,
  "is_repeat" boolean,
  "tvc_in" double precision,
  "tvc_out" double precision,
  "yield_ratio" double precision,
  "lims" text,
  "has_warnings" boolean,
  PRIMARY KEY ("batch_id", "step"),
  CONSTRAINT "batch_id_has_text" CHECK ("batch_id" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "step_has_text" CHECK ("step" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "isa88_level_in_set" CHECK ("isa88_level" IN ('procedure', 'unit_procedure', 'operation', 'phase')) NOT ENFORCED,
  CONSTRAINT "planned_start_at_is_plausible" CHECK ("planned_start_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "planned_start_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "planned_end_at_is_plausible" CHECK ("planned_end_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "planned_end_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "planned_hours_is_positive" CHECK ("planned_hours" > 0 AND "planned_hours" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "started_at_is_plausible" CHECK ("started_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "started_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "ended_at_is_plausible" CHECK ("ended_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "ended_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "tvc_in_is_not_negative" CHECK ("tvc_in" >= 0 AND "tvc_in" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "tvc_out_is_not_negative" CHECK ("tvc_out" >= 0 AND "tvc_out" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_repeat_required" CHECK ("is_repeat" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_batch_step" IS 'one row per batch and step. Steps of batches, with the time waited before each. Slices by batch. Contract: mart_batch_step 1.0.0; owner: manufacturing-data.';
COMMENT ON COLUMN "marts"."mart_batch_step"."batch_id" IS 'The manufacturing batch (ISA-88).';
COMMENT ON COLUMN "marts"."mart_batch_step"."step" IS 'The process step, e.g. activate, expand, harvest.';
COMMENT ON COLUMN "marts"."mart_batch_step"."object_id" IS 'The object version in the inbound bucket that the record was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_batch_step"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_batch_step"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_batch_step"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_batch_step"."seq" IS 'The step''s place in the process.';
COMMENT ON COLUMN "marts"."mart_batch_step"."isa88_level" IS 'The level of the step in the procedural model of ISA-88.';
COMMENT ON COLUMN "marts"."mart_batch_step"."planned_start_at" IS 'When the step was to begin, UTC.';
COMMENT ON COLUMN "marts"."mart_batch_step"."planned_end_at" IS 'When the step was to end, UTC.';
COMMENT ON COLUMN "marts"."mart_batch_step"."planned_hours" IS 'How long the step was to take. Unit: h.';
COMMENT ON COLUMN "marts"."mart_batch_step"."started_at" IS 'When the step began, UTC.';
COMMENT ON COLUMN "marts"."mart_batch_step"."ended_at" IS 'When the step ended, UTC.';
COMMENT ON COLUMN "marts"."mart_batch_step"."hours" IS 'How long it took; null until it has ended. Unit: h.';
COMMENT ON COLUMN "marts"."mart_batch_step"."planned_ratio" IS 'How long it took, of the time planned. Unit: 1.';
COMMENT ON COLUMN "marts"."mart_batch_step"."queue_hours" IS 'From the end of the step before to its start; negative where they overlap. Unit: h.';
COMMENT ON COLUMN "marts"."mart_batch_step"."operator_hash" IS 'Who did it, as sha256 in hex of a secret salt and the name: it tells people apart, it names nobody.';
COMMENT ON COLUMN "marts"."mart_batch_step"."is_repeat" IS 'Whether the step was done again.';
COMMENT ON COLUMN "marts"."mart_batch_step"."tvc_in" IS 'Total viable cells that went into the step. Unit: 10*6.';
COMMENT ON COLUMN "marts"."mart_batch_step"."tvc_out" IS 'Total viable cells that came out of the step. Unit: 10*6.';
COMMENT ON COLUMN "marts"."mart_batch_step"."yield_ratio" IS 'Viable cells out of it, of those that went in. Unit: 1.';
COMMENT ON COLUMN "marts"."mart_batch_step"."lims" IS 'The LIMS that told it, by the name of its source.';
COMMENT ON COLUMN "marts"."mart_batch_step"."has_warnings" IS 'True where a file it rests on was let in although it breaks rules.';
