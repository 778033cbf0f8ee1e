CREATE TABLE IF NOT EXISTS "marts"."mart_sample" (
  "sample_id" text NOT NULL,
  "batch_id" text,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "step" text,
  "culture_day" double precision,
  "volume_ml" double precision,
  "collected_at" timestamptz,
  "has_warnings" boolean,
  "parent_sample_id" text,
  "container" text,
  "plate_id" text,
  "well" text,
  "record_version" integer,
  "modified_at" timestamptz,
  "lims" text,
  PRIMARY KEY ("sample_id"),
  CONSTRAINT "run_no_from_one" CHECK ("run_no" >= 1) NOT ENFORCED,
  CONSTRAINT "volume_is_not_negative" CHECK ("volume_ml" >= 0) NOT ENFORCED,
  CONSTRAINT "record_version_from_zero" CHECK ("record_version" >= 0) NOT ENFORCED,
  CONSTRAINT "modified_at_is_plausible" CHECK ("modified_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "modified_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "batch_id_required" CHECK ("batch_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "collected_at_required" CHECK ("collected_at" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_sample" IS 'one row per sample. What the newest record or list says of each sample. Slices by sample; a list heals the samples that any version of it names. Contract: mart_sample 1.0.0; owner: cell-analytics-data.';
COMMENT ON COLUMN "marts"."mart_sample"."sample_id" IS 'The sample, as instruments name it.';
COMMENT ON COLUMN "marts"."mart_sample"."batch_id" IS 'The manufacturing batch (ISA-88) that the sample was taken from.';
COMMENT ON COLUMN "marts"."mart_sample"."object_id" IS 'The object version of the list that says so (UUID).';
COMMENT ON COLUMN "marts"."mart_sample"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_sample"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_sample"."file_key" IS 'The list''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_sample"."step" IS 'The process step, e.g. activate, expand, harvest.';
COMMENT ON COLUMN "marts"."mart_sample"."culture_day" IS 'Days since the culture began; null where the sample is not of a culture. Unit: d.';
COMMENT ON COLUMN "marts"."mart_sample"."volume_ml" IS 'The volume of the culture when the sample was taken. Unit: mL.';
COMMENT ON COLUMN "marts"."mart_sample"."collected_at" IS 'When the sample was taken, UTC.';
COMMENT ON COLUMN "marts"."mart_sample"."has_warnings" IS 'True where the list was let in although it breaks rules, warned about or released.';
COMMENT ON COLUMN "marts"."mart_sample"."parent_sample_id" IS 'The sample that it is an aliquot of.';
COMMENT ON COLUMN "marts"."mart_sample"."container" IS 'What it is kept in: the container''s barcode or kind.';
COMMENT ON COLUMN "marts"."mart_sample"."plate_id" IS 'The plate that it was put on.';
COMMENT ON COLUMN "marts"."mart_sample"."well" IS 'The well of that plate, e.g. A1.';
COMMENT ON COLUMN "marts"."mart_sample"."record_version" IS 'The version of the record that the LIMS gives; null where it counts none.';
COMMENT ON COLUMN "marts"."mart_sample"."modified_at" IS 'When the record was last changed, UTC: its own time, or that of the event that brought it.';
COMMENT ON COLUMN "marts"."mart_sample"."lims" IS 'The LIMS that told it, by the name of its source.';
