CREATE TABLE IF NOT EXISTS "marts"."mart_result" (
  "result_key" text NOT NULL,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "content_sha256" text,
  "row_no" integer,
  "sample_id" text,
  "batch_id" text,
  "step" text,
  "culture_day" double precision,
  "attribute_raw" text,
  "attribute" text,
  "replicate" integer,
  "value_num" double precision,
  "value_text" text,
  "qualifier" text,
  "unit_raw" text,
  "unit_ucum" text,
  "value_std" double precision,
  "state" text,
  "method" text,
  "device_id" text,
  "reagent_lot" text,
  "collected_at" timestamptz,
  "tested_at" timestamptz,
  "verified_at" timestamptz,
  "comment" text,
  "source_path" text,
  "layout" text,
  "has_warnings" boolean,
  "result_id" text,
  "stage" text,
  "record_version" integer,
  "supersedes" integer,
  "retest_of" text,
  "is_invalidated" boolean,
  "modified_at" timestamptz,
  "lims" text,
  "version_no" integer,
  "is_current" boolean,
  "product_code" text,
  "site" text,
  "process_version" text,
  "spec_key" text,
  "value_spec" double precision,
  "pass_flag" boolean,
  "is_beyond_alert" boolean,
  "spec_version" integer,
  "spec_lower" double precision,
  "spec_upper" double precision,
  "is_lower_inclusive" boolean,
  "is_upper_inclusive" boolean,
  "alert_lower" double precision,
  "alert_upper" double precision,
  "text_accept" text,
  "spec_unit_ucum" text,
  "spec_decimals" integer,
  "is_release" boolean,
  "is_report_only" boolean,
  "is_device_calibrated" boolean,
  PRIMARY KEY ("result_key"),
  CONSTRAINT "result_key_is_sha256" CHECK ("result_key" ~ '^[0-9a-f]{64}$') NOT ENFORCED,
  CONSTRAINT "content_sha256_is_sha256" CHECK ("content_sha256" ~ '^[0-9a-f]{64}$') NOT ENFORCED,
  CONSTRAINT "share_is_a_percentage" CHECK (NOT ("attribute" IN ('viability', 'car_pos', 'cd3_pos') AND "unit_ucum" IN ('%')) OR "value_num" >= 0 AND "value_num" <= 100) NOT ENFORCED,
  CONSTRAINT "qualifier_in_set" CHECK ("qualifier" IN ('<', '<=', '>', '>=', '~', 'ND')) NOT ENFORCED,
  CONSTRAINT "state_in_set" CHECK ("state" IN ('assigned', 'provisional', 'to_be_verified', 'verified', 'published', 'retracted')) NOT ENFORCED,
  CONSTRAINT "record_version_from_zero" CHECK ("record_version" >= 0) NOT ENFORCED,
  CONSTRAINT "modified_at_is_plausible" CHECK ("modified_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "modified_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "content_sha256_required" CHECK ("content_sha256" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "row_no_required" CHECK ("row_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "sample_id_required" CHECK ("sample_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "attribute_raw_required" CHECK ("attribute_raw" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "attribute_required" CHECK ("attribute" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "source_path_required" CHECK ("source_path" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "layout_required" CHECK ("layout" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_invalidated_required" CHECK ("is_invalidated" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "version_no_required" CHECK ("version_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_current_required" CHECK ("is_current" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_result" IS 'one row per result of the current version of a table. Results of the current version of each table, with sample, batch, limits and verdict. Slices by object; samples, batches, specifications and calibrations heal the objects that hold results of theirs. Contract: mart_result 1.1.0; owner: quality-control-data.';
COMMENT ON COLUMN "marts"."mart_result"."result_key" IS 'sha256 in hex of object_id, a line feed and source_path: the same whenever the same object is read.';
COMMENT ON COLUMN "marts"."mart_result"."object_id" IS 'The object version in the inbound bucket that the result was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_result"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_result"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_result"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_result"."content_sha256" IS 'sha256 in hex of the file''s bytes.';
COMMENT ON COLUMN "marts"."mart_result"."row_no" IS 'The row''s place in the table, from 1 (the header is not counted).';
COMMENT ON COLUMN "marts"."mart_result"."sample_id" IS 'The sample as named in the table; placeholders such as N/A are null.';
COMMENT ON COLUMN "marts"."mart_result"."batch_id" IS 'The manufacturing batch (ISA-88) by sample_id; as the result''s own table names it until a list does.';
COMMENT ON COLUMN "marts"."mart_result"."step" IS 'The process step that the sample was taken at.';
COMMENT ON COLUMN "marts"."mart_result"."culture_day" IS 'Days since the culture began. Unit: d.';
COMMENT ON COLUMN "marts"."mart_result"."attribute_raw" IS 'What was tested, as the table has it.';
COMMENT ON COLUMN "marts"."mart_result"."attribute" IS 'The attribute''s code, e.g. endotoxin, sterility.';
COMMENT ON COLUMN "marts"."mart_result"."replicate" IS 'The number of the replicate, where there are several.';
COMMENT ON COLUMN "marts"."mart_result"."value_num" IS 'The result as a number, in unit_raw; of a censored one (<0.05) its limit.';
COMMENT ON COLUMN "marts"."mart_result"."value_text" IS 'The result where it is a text, e.g. negative to date, or a censored number.';
COMMENT ON COLUMN "marts"."mart_result"."qualifier" IS 'How the value is limited; a censored number is never shown as a plain one.';
COMMENT ON COLUMN "marts"."mart_result"."unit_raw" IS 'The unit as the table has it.';
COMMENT ON COLUMN "marts"."mart_result"."unit_ucum" IS 'The unit in UCUM, e.g. {EU}/mL.';
COMMENT ON COLUMN "marts"."mart_result"."value_std" IS 'The number in the attribute''s canonical unit; null where there is none.';
COMMENT ON COLUMN "marts"."mart_result"."state" IS 'How far the result has come; null where the table does not say.';
COMMENT ON COLUMN "marts"."mart_result"."method" IS 'The method, with its version.';
COMMENT ON COLUMN "marts"."mart_result"."device_id" IS 'The instrument.';
COMMENT ON COLUMN "marts"."mart_result"."reagent_lot" IS 'The lot of cartridges, bottles or reagents.';
COMMENT ON COLUMN "marts"."mart_result"."collected_at" IS 'When the sample was taken.';
COMMENT ON COLUMN "marts"."mart_result"."tested_at" IS 'When it was tested.';
COMMENT ON COLUMN "marts"."mart_result"."verified_at" IS 'When it was verified.';
COMMENT ON COLUMN "marts"."mart_result"."comment" IS 'What was remarked.';
COMMENT ON COLUMN "marts"."mart_result"."source_path" IS 'The place in the file: sheet, line and header of the cell.';
COMMENT ON COLUMN "marts"."mart_result"."layout" IS 'The layout that the table was read by.';
COMMENT ON COLUMN "marts"."mart_result"."has_warnings" IS 'True where the result''s file, or the list that gives its batch, was let in although it breaks rules.';
COMMENT ON COLUMN "marts"."mart_result"."result_id" IS 'The result line, as the LIMS names it; null where the table has no such id.';
COMMENT ON COLUMN "marts"."mart_result"."stage" IS 'The stage of the process that was tested, e.g. in_process, harvest, release.';
COMMENT ON COLUMN "marts"."mart_result"."record_version" IS 'The version of the record that the LIMS gives; null where it counts none.';
COMMENT ON COLUMN "marts"."mart_result"."supersedes" IS 'The version of the same result line that this one corrects.';
COMMENT ON COLUMN "marts"."mart_result"."retest_of" IS 'The result line that was tested again.';
COMMENT ON COLUMN "marts"."mart_result"."is_invalidated" IS 'Whether it was declared invalid, by an error of the laboratory.';
COMMENT ON COLUMN "marts"."mart_result"."modified_at" IS 'When the record was last changed, UTC: its own time, or that of the event that brought it.';
COMMENT ON COLUMN "marts"."mart_result"."lims" IS 'The LIMS that told it, by the name of its source.';
COMMENT ON COLUMN "marts"."mart_result"."version_no" IS 'The number of the version among those of its result_id, from 1.';
COMMENT ON COLUMN "marts"."mart_result"."is_current" IS 'True for the newest version of its result_id; of a table, for every result of its current version.';
COMMENT ON COLUMN "marts"."mart_result"."product_code" IS 'The product of its batch.';
COMMENT ON COLUMN "marts"."mart_result"."site" IS 'The site that makes its batch.';
COMMENT ON COLUMN "marts"."mart_result"."process_version" IS 'The version of the manufacturing process.';
COMMENT ON COLUMN "marts"."mart_result"."spec_key" IS 'The specification in force when it was tested; null where there is none.';
COMMENT ON COLUMN "marts"."mart_result"."value_spec" IS 'The number in the unit of the limits, not rounded; null where it cannot be had.';
COMMENT ON COLUMN "marts"."mart_result"."pass_flag" IS 'Whether it meets the specification, rounded to the limit''s decimals; null where that cannot be decided.';
COMMENT ON COLUMN "marts"."mart_result"."is_beyond_alert" IS 'Whether it lies beyond an alert limit; null where there is none or that cannot be decided.';
COMMENT ON COLUMN "marts"."mart_result"."spec_version" IS 'The version of the specification.';
COMMENT ON COLUMN "marts"."mart_result"."spec_lower" IS 'The lower limit, in spec_unit_ucum.';
COMMENT ON COLUMN "marts"."mart_result"."spec_upper" IS 'The upper limit, in spec_unit_ucum.';
COMMENT ON COLUMN "marts"."mart_result"."is_lower_inclusive" IS 'Whether a result at the lower limit passes.';
COMMENT ON COLUMN "marts"."mart_result"."is_upper_inclusive" IS 'Whether a result at the upper limit passes.';
COMMENT ON COLUMN "marts"."mart_result"."alert_lower" IS 'The lower alert limit, in spec_unit_ucum.';
COMMENT ON COLUMN "marts"."mart_result"."alert_upper" IS 'The upper alert limit, in spec_unit_ucum.';
COMMENT ON COLUMN "marts"."mart_result"."text_accept" IS 'The text that a result must be; several are parted by a bar.';
COMMENT ON COLUMN "marts"."mart_result"."spec_unit_ucum" IS 'The unit of the limits, in UCUM.';
COMMENT ON COLUMN "marts"."mart_result"."spec_decimals" IS 'To how many decimals a result is rounded before it is compared.';
COMMENT ON COLUMN "marts"."mart_result"."is_release" IS 'Whether the batch is released by it; null without a specification.';
COMMENT ON COLUMN "marts"."mart_result"."is_report_only" IS 'Whether it is told, never judged; null without a specification.';
COMMENT ON COLUMN "marts"."mart_result"."is_device_calibrated" IS 'Whether its instrument was within its calibration when it was tested; null where that is not known.';
