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
  PRIMARY KEY ("result_key"),
  CONSTRAINT "result_key_is_sha256" CHECK ("result_key" ~ '^[0-9a-f]{64}$') NOT ENFORCED,
  CONSTRAINT "content_sha256_is_sha256" CHECK ("content_sha256" ~ '^[0-9a-f]{64}$') NOT ENFORCED,
  CONSTRAINT "share_is_a_percentage" CHECK (NOT ("attribute" IN ('viability', 'car_pos', 'cd3_pos') AND "unit_ucum" IN ('%')) OR "value_num" >= 0 AND "value_num" <= 100) NOT ENFORCED,
  CONSTRAINT "qualifier_in_set" CHECK ("qualifier" IN ('<', '<=', '>', '>=', '~', 'ND')) NOT ENFORCED,
  CONSTRAINT "state_in_set" CHECK ("state" IN ('assigned', 'provisional', 'to_be_verified', 'verified', 'published', 'retracted')) NOT ENFORCED,
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
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_result" IS 'one row per result of the current version of a table. Results of the current version of each table, with sample and batch. Slices by object; a sample list heals the objects that hold results of its samples. Contract: mart_result 1.0.0; owner: quality-control-data.';
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
