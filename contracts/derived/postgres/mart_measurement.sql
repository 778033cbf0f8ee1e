CREATE TABLE IF NOT EXISTS "marts"."mart_measurement" (
  "measurement_key" text NOT NULL,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "content_sha256" text,
  "sample_id" text,
  "batch_id" text,
  "step" text,
  "culture_day" double precision,
  "kind" text,
  "quantity_raw" text,
  "quantity" text,
  "value_num" double precision,
  "value_text" text,
  "qualifier" text,
  "unit_raw" text,
  "unit_ucum" text,
  "value_std" double precision,
  "plate_id" text,
  "well" text,
  "population_path" text,
  "device_id" text,
  "device_model" text,
  "device_serial" text,
  "measured_at" timestamptz,
  "time_source" text,
  "vendor" text,
  "source_path" text,
  "has_warnings" boolean,
  PRIMARY KEY ("measurement_key"),
  CONSTRAINT "measurement_key_is_sha256" CHECK ("measurement_key" ~ '^[0-9a-f]{64}$') NOT ENFORCED,
  CONSTRAINT "content_sha256_is_sha256" CHECK ("content_sha256" ~ '^[0-9a-f]{64}$') NOT ENFORCED,
  CONSTRAINT "kind_in_set" CHECK ("kind" IN ('measured', 'processed', 'calculated', 'setting', 'population', 'custom')) NOT ENFORCED,
  CONSTRAINT "viability_is_a_percentage" CHECK (NOT ("quantity" IN ('viability')) OR "value_num" >= 0 AND "value_num" <= 100) NOT ENFORCED,
  CONSTRAINT "qualifier_in_set" CHECK ("qualifier" IN ('<', '<=', '>', '>=', '~', 'ND')) NOT ENFORCED,
  CONSTRAINT "time_source_in_set" CHECK ("time_source" IN ('device', 'file', 'received')) NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "content_sha256_required" CHECK ("content_sha256" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "kind_required" CHECK ("kind" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "quantity_raw_required" CHECK ("quantity_raw" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "quantity_required" CHECK ("quantity" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "value_is_present" CHECK (NOT ("value_num" IS NULL AND "qualifier" IS NULL) OR "value_text" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "time_source_required" CHECK ("time_source" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "vendor_required" CHECK ("vendor" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "source_path_required" CHECK ("source_path" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_measurement" IS 'one row per value of the current version of a file. Values of the current version of each file, with sample and batch. Slices by object; a sample list heals the objects that hold values of its samples. Contract: mart_measurement 1.1.0; owner: cell-analytics-data.';
COMMENT ON COLUMN "marts"."mart_measurement"."measurement_key" IS 'sha256 in hex of object_id, a line feed and source_path.';
COMMENT ON COLUMN "marts"."mart_measurement"."object_id" IS 'The object version in the inbound bucket that the value was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_measurement"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_measurement"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_measurement"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_measurement"."content_sha256" IS 'sha256 in hex of the file''s bytes.';
COMMENT ON COLUMN "marts"."mart_measurement"."sample_id" IS 'The sample as named in the file.';
COMMENT ON COLUMN "marts"."mart_measurement"."batch_id" IS 'The manufacturing batch (ISA-88), by sample_id; null until a list names it.';
COMMENT ON COLUMN "marts"."mart_measurement"."step" IS 'The process step that the sample was taken at.';
COMMENT ON COLUMN "marts"."mart_measurement"."culture_day" IS 'Days since the culture began. Unit: d.';
COMMENT ON COLUMN "marts"."mart_measurement"."kind" IS 'What the value is to the instrument.';
COMMENT ON COLUMN "marts"."mart_measurement"."quantity_raw" IS 'The quantity''s name as the ASM has it.';
COMMENT ON COLUMN "marts"."mart_measurement"."quantity" IS 'The quantity''s code, e.g. viability, vcd.';
COMMENT ON COLUMN "marts"."mart_measurement"."value_num" IS 'The value as a number, in unit_raw.';
COMMENT ON COLUMN "marts"."mart_measurement"."value_text" IS 'The value where it is a text, or a censored number.';
COMMENT ON COLUMN "marts"."mart_measurement"."qualifier" IS 'How the value is limited; a censored number is never shown as a plain one.';
COMMENT ON COLUMN "marts"."mart_measurement"."unit_raw" IS 'The unit as the ASM has it.';
COMMENT ON COLUMN "marts"."mart_measurement"."unit_ucum" IS 'The unit in UCUM.';
COMMENT ON COLUMN "marts"."mart_measurement"."value_std" IS 'The number in the quantity''s canonical unit.';
COMMENT ON COLUMN "marts"."mart_measurement"."plate_id" IS 'The plate, where there is one.';
COMMENT ON COLUMN "marts"."mart_measurement"."well" IS 'The well or other position, e.g. A1.';
COMMENT ON COLUMN "marts"."mart_measurement"."population_path" IS 'The gated population with its parents.';
COMMENT ON COLUMN "marts"."mart_measurement"."device_id" IS 'The instrument as the file names it.';
COMMENT ON COLUMN "marts"."mart_measurement"."device_model" IS 'The instrument''s model.';
COMMENT ON COLUMN "marts"."mart_measurement"."device_serial" IS 'The instrument''s serial number.';
COMMENT ON COLUMN "marts"."mart_measurement"."measured_at" IS 'When it was measured.';
COMMENT ON COLUMN "marts"."mart_measurement"."time_source" IS 'Where measured_at comes from.';
COMMENT ON COLUMN "marts"."mart_measurement"."vendor" IS 'The parser''s vendor, e.g. BECKMAN_VI_CELL_BLU.';
COMMENT ON COLUMN "marts"."mart_measurement"."source_path" IS 'The JSON path of the value in the ASM, with ordinals.';
COMMENT ON COLUMN "marts"."mart_measurement"."has_warnings" IS 'True where the value''s file, or the list that gives its batch, was let in although it breaks rules.';
