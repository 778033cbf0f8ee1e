CREATE TABLE IF NOT EXISTS "marts"."mart_process_minute" (
  "batch_day" text,
  "batch_id" text NOT NULL,
  "unit_operation" text NOT NULL,
  "tag" text NOT NULL,
  "unit" text NOT NULL,
  "minute_start" timestamptz NOT NULL,
  "n" bigint,
  "mean_value" double precision,
  "last_value" double precision,
  "min_value" double precision,
  "max_value" double precision,
  "last_setpoint" double precision,
  "last_text" text,
  "n_objects" bigint,
  "last_object_id" text,
  "last_measured_at" timestamptz,
  "has_warnings" boolean,
  PRIMARY KEY ("batch_id", "unit_operation", "tag", "unit", "minute_start"),
  CONSTRAINT "batch_day_required" CHECK ("batch_day" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "n_required" CHECK ("n" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "n_objects_required" CHECK ("n_objects" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "last_object_id_required" CHECK ("last_object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "last_measured_at_required" CHECK ("last_measured_at" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_process_minute" IS 'one row per batch, unit operation, tag, unit and minute. Readings by minute: count, mean, last, least and greatest. A minute holds the readings from its first microsecond to before the next minute, in UTC. Readings of one tag in two units are two rows, never one mean. Slices by batch and day; a load touches the days that any version of its file reads. Contract: mart_process_minute 1.0.0; owner: process-data.';
COMMENT ON COLUMN "marts"."mart_process_minute"."batch_day" IS '`<batch_id>/<day>`, the day of the minute in UTC.';
COMMENT ON COLUMN "marts"."mart_process_minute"."batch_id" IS 'The manufacturing batch (ISA-88).';
COMMENT ON COLUMN "marts"."mart_process_minute"."unit_operation" IS 'The equipment as the file names it.';
COMMENT ON COLUMN "marts"."mart_process_minute"."tag" IS 'What is read, as the control system names it.';
COMMENT ON COLUMN "marts"."mart_process_minute"."unit" IS 'The unit in UCUM; as the file has it where it is not known; empty for none.';
COMMENT ON COLUMN "marts"."mart_process_minute"."minute_start" IS 'The minute''s begin, UTC.';
COMMENT ON COLUMN "marts"."mart_process_minute"."n" IS 'How many readings are numbers.';
COMMENT ON COLUMN "marts"."mart_process_minute"."mean_value" IS 'Arithmetic mean of the numbers; null where there are none.';
COMMENT ON COLUMN "marts"."mart_process_minute"."last_value" IS 'The number read last. Of several with the same time, the one furthest down in its file, then the greatest.';
COMMENT ON COLUMN "marts"."mart_process_minute"."min_value" IS 'The least number.';
COMMENT ON COLUMN "marts"."mart_process_minute"."max_value" IS 'The greatest number.';
COMMENT ON COLUMN "marts"."mart_process_minute"."last_setpoint" IS 'The setpoint that stands beside the last reading that has one.';
COMMENT ON COLUMN "marts"."mart_process_minute"."last_text" IS 'The last reading that is a text, e.g. a phase.';
COMMENT ON COLUMN "marts"."mart_process_minute"."n_objects" IS 'How many files the readings stand in.';
COMMENT ON COLUMN "marts"."mart_process_minute"."last_object_id" IS 'The object version with the minute''s last reading (UUID).';
COMMENT ON COLUMN "marts"."mart_process_minute"."last_measured_at" IS 'When the minute was last read, UTC.';
COMMENT ON COLUMN "marts"."mart_process_minute"."has_warnings" IS 'True where any of the files was let in although it breaks rules, warned about or released.';
