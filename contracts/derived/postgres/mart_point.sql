CREATE TABLE IF NOT EXISTS "marts"."mart_point" (
  "point_key" text NOT NULL,
  "series_key" text,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "content_sha256" text,
  "kind" text,
  "sample_id" text,
  "plate_id" text,
  "well" text,
  "sample_role" text,
  "target" text,
  "device_id" text,
  "measured_at" timestamptz,
  "time_source" text,
  "series" text,
  "series_no" integer,
  "point_no" integer,
  "x_concept" text,
  "x_unit_ucum" text,
  "x_value" double precision,
  "x2_concept" text,
  "x2_unit_ucum" text,
  "x2_value" double precision,
  "y_concept" text,
  "y_unit_ucum" text,
  "y_value" double precision,
  "source_path" text,
  "vendor" text,
  "has_warnings" boolean,
  PRIMARY KEY ("point_key"),
  CONSTRAINT "run_no_from_one" CHECK ("run_no" >= 1) NOT ENFORCED,
  CONSTRAINT "kind_in_set" CHECK ("kind" IN ('measured', 'processed', 'calculated', 'setting', 'population', 'custom')) NOT ENFORCED,
  CONSTRAINT "sample_id_has_text" CHECK ("sample_id" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "measured_at_is_plausible" CHECK ("measured_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "measured_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "time_source_in_set" CHECK ("time_source" IN ('device', 'file', 'received')) NOT ENFORCED,
  CONSTRAINT "x_value_is_finite" CHECK ("x_value" >= -1.7976931348623157e+308 AND "x_value" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "x2_value_is_finite" CHECK ("x2_value" >= -1.7976931348623157e+308 AND "x2_value" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "y_value_is_finite" CHECK ("y_value" >= -1.7976931348623157e+308 AND "y_value" <= 1.7976931348623157e+308) NOT ENFORCED,
  CONSTRAINT "series_key_required" CHECK ("series_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "content_sha256_required" CHECK ("content_sha256" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "kind_required" CHECK ("kind" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "time_source_required" CHECK ("time_source" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "series_required" CHECK ("series" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "series_no_required" CHECK ("series_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "point_no_required" CHECK ("point_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "y_concept_required" CHECK ("y_concept" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "source_path_required" CHECK ("source_path" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "vendor_required" CHECK ("vendor" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_point" IS 'one row per point of a curve of the current version of a file. Points of the curves (spectra, chromatograms, amplification curves) of the current version of each file. Slices by object. Contract: mart_point 1.1.0; owner: cell-analytics-data.';
COMMENT ON COLUMN "marts"."mart_point"."point_key" IS 'series_key, a slash and point_no: the same for every parse of the same object.';
COMMENT ON COLUMN "marts"."mart_point"."series_key" IS 'sha256 in hex of object_id, source_path and series_no, with line feeds between.';
COMMENT ON COLUMN "marts"."mart_point"."object_id" IS 'The object version in the inbound bucket that the value was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_point"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_point"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_point"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_point"."content_sha256" IS 'sha256 in hex of the file''s bytes.';
COMMENT ON COLUMN "marts"."mart_point"."kind" IS 'What the value is to the instrument.';
COMMENT ON COLUMN "marts"."mart_point"."sample_id" IS 'The sample as named in the file; placeholders such as N/A are null.';
COMMENT ON COLUMN "marts"."mart_point"."plate_id" IS 'The plate, where there is one.';
COMMENT ON COLUMN "marts"."mart_point"."well" IS 'The well or other position, e.g. A1.';
COMMENT ON COLUMN "marts"."mart_point"."sample_role" IS 'The part that the sample plays, e.g. unknown, standard, control, blank.';
COMMENT ON COLUMN "marts"."mart_point"."target" IS 'What is measured in the sample, e.g. a gene, an analyte, a cytokine.';
COMMENT ON COLUMN "marts"."mart_point"."device_id" IS 'The instrument as the file names it.';
COMMENT ON COLUMN "marts"."mart_point"."measured_at" IS 'When it was measured, UTC, microseconds; a naive time in the file is read in the time zone of its source.';
COMMENT ON COLUMN "marts"."mart_point"."time_source" IS 'Where measured_at comes from.';
COMMENT ON COLUMN "marts"."mart_point"."series" IS 'What the file calls the curve, e.g. absorption spectrum.';
COMMENT ON COLUMN "marts"."mart_point"."series_no" IS 'The place of the measure in its data cube, from 0.';
COMMENT ON COLUMN "marts"."mart_point"."point_no" IS 'The place of the point in its series, from 0.';
COMMENT ON COLUMN "marts"."mart_point"."x_concept" IS 'What the first dimension is, e.g. retention time, wavelength, cycle count.';
COMMENT ON COLUMN "marts"."mart_point"."x_unit_ucum" IS 'Its unit in UCUM; null for one that is not known.';
COMMENT ON COLUMN "marts"."mart_point"."x_value" IS 'The position along the first dimension; null where the file does not say it.';
COMMENT ON COLUMN "marts"."mart_point"."x2_concept" IS 'What the second dimension is, e.g. emission wavelength; null where there is one dimension only.';
COMMENT ON COLUMN "marts"."mart_point"."x2_unit_ucum" IS 'Its unit in UCUM; null for one that is not known.';
COMMENT ON COLUMN "marts"."mart_point"."x2_value" IS 'The position along the second dimension.';
COMMENT ON COLUMN "marts"."mart_point"."y_concept" IS 'What the measure is, e.g. absorbance, fluorescence.';
COMMENT ON COLUMN "marts"."mart_point"."y_unit_ucum" IS 'Its unit in UCUM; null for one that is not known.';
COMMENT ON COLUMN "marts"."mart_point"."y_value" IS 'The value. Null where the file has none; -0.0, which some readers write for a missing number, is null.';
COMMENT ON COLUMN "marts"."mart_point"."source_path" IS 'The JSON path of the curve''s data cube in the ASM.';
COMMENT ON COLUMN "marts"."mart_point"."vendor" IS 'The parser''s vendor, e.g. BECKMAN_VI_CELL_BLU.';
COMMENT ON COLUMN "marts"."mart_point"."has_warnings" IS 'True where the file was let in although it breaks rules, warned about or released.';
