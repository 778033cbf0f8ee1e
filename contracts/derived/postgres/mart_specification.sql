CREATE TABLE IF NOT EXISTS "marts"."mart_specification" (
  "spec_key" text NOT NULL,
  "product_code" text,
  "attribute" text,
  "stage" text,
  "spec_version" integer,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "product_name" text,
  "lower" double precision,
  "upper" double precision,
  "is_lower_inclusive" boolean,
  "is_upper_inclusive" boolean,
  "alert_lower" double precision,
  "alert_upper" double precision,
  "text_accept" text,
  "unit_ucum" text,
  "decimals" integer,
  "is_release" boolean,
  "is_report_only" boolean,
  "valid_from" timestamptz,
  "valid_to" timestamptz,
  "lims" text,
  "has_warnings" boolean,
  PRIMARY KEY ("spec_key"),
  CONSTRAINT "spec_key_is_md5" CHECK ("spec_key" ~ '^[0-9a-f]{32}$') NOT ENFORCED,
  CONSTRAINT "product_code_has_text" CHECK ("product_code" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "attribute_has_text" CHECK ("attribute" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "stage_has_text" CHECK ("stage" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "spec_version_from_zero" CHECK ("spec_version" >= 0) NOT ENFORCED,
  CONSTRAINT "lower_is_finite" CHECK ("lower" >= -1.7976931348623157e+308 AND "lower" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "upper_is_finite" CHECK ("upper" >= -1.7976931348623157e+308 AND "upper" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "alert_lower_is_finite" CHECK ("alert_lower" >= -1.7976931348623157e+308 AND "alert_lower" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "alert_upper_is_finite" CHECK ("alert_upper" >= -1.7976931348623157e+308 AND "alert_upper" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "decimals_are_few" CHECK ("decimals" >= 0 AND "decimals" <= 15) NOT ENFORCED,
  CONSTRAINT "valid_from_is_plausible" CHECK ("valid_from" >= timestamptz '1990-01-01T00:00:00+00:00' AND "valid_from" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "valid_to_is_plausible" CHECK ("valid_to" >= timestamptz '1990-01-01T00:00:00+00:00' AND "valid_to" <= timestamptz '9999-12-31T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "product_code_required" CHECK ("product_code" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "attribute_required" CHECK ("attribute" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "stage_required" CHECK ("stage" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "spec_version_required" CHECK ("spec_version" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_lower_inclusive_required" CHECK ("is_lower_inclusive" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_upper_inclusive_required" CHECK ("is_upper_inclusive" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_release_required" CHECK ("is_release" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "is_report_only_required" CHECK ("is_report_only" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_specification" IS 'one row per product, attribute, stage and specification version. Specifications with their product. Slices by product. Contract: mart_specification 1.0.0; owner: quality-control-data.';
COMMENT ON COLUMN "marts"."mart_specification"."spec_key" IS 'md5 in hex of product_code, attribute, stage and spec_version.';
COMMENT ON COLUMN "marts"."mart_specification"."product_code" IS 'The product''s code.';
COMMENT ON COLUMN "marts"."mart_specification"."attribute" IS 'The attribute''s code, e.g. viability.';
COMMENT ON COLUMN "marts"."mart_specification"."stage" IS 'The stage of the process that the limit is for, e.g. in_process, harvest, release.';
COMMENT ON COLUMN "marts"."mart_specification"."spec_version" IS 'The version of the specification.';
COMMENT ON COLUMN "marts"."mart_specification"."object_id" IS 'The object version in the inbound bucket that the record was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_specification"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_specification"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_specification"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_specification"."product_name" IS 'The product''s name.';
COMMENT ON COLUMN "marts"."mart_specification"."lower" IS 'The lower limit, in `unit`.';
COMMENT ON COLUMN "marts"."mart_specification"."upper" IS 'The upper limit, in `unit`.';
COMMENT ON COLUMN "marts"."mart_specification"."is_lower_inclusive" IS 'Whether a result at the lower limit passes.';
COMMENT ON COLUMN "marts"."mart_specification"."is_upper_inclusive" IS 'Whether a result at the upper limit passes.';
COMMENT ON COLUMN "marts"."mart_specification"."alert_lower" IS 'The lower alert limit, in `unit`.';
COMMENT ON COLUMN "marts"."mart_specification"."alert_upper" IS 'The upper alert limit, in `unit`.';
COMMENT ON COLUMN "marts"."mart_specification"."text_accept" IS 'The text that a result must be, e.g. negative, no growth.';
COMMENT ON COLUMN "marts"."mart_specification"."unit_ucum" IS 'The unit of the limits, in UCUM; null for the attribute''s canonical one.';
COMMENT ON COLUMN "marts"."mart_specification"."decimals" IS 'To how many decimals a result is rounded before it is compared.';
COMMENT ON COLUMN "marts"."mart_specification"."is_release" IS 'Whether the batch is released by it.';
COMMENT ON COLUMN "marts"."mart_specification"."is_report_only" IS 'Whether it is told, never judged.';
COMMENT ON COLUMN "marts"."mart_specification"."valid_from" IS 'From when it is in force, UTC.';
COMMENT ON COLUMN "marts"."mart_specification"."valid_to" IS 'Until when it is in force (not itself included), UTC; null while there is no end.';
COMMENT ON COLUMN "marts"."mart_specification"."lims" IS 'The LIMS that told it, by the name of its source.';
COMMENT ON COLUMN "marts"."mart_specification"."has_warnings" IS 'True where a file it rests on was let in although it breaks rules.';
