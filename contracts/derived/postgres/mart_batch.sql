CREATE TABLE IF NOT EXISTS "marts"."mart_batch" (
  "batch_id" text NOT NULL,
  "object_id" text,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "product_code" text,
  "product_name" text,
  "modality" text,
  "is_autologous" boolean,
  "coi_hash" text,
  "site" text,
  "timezone" text,
  "process_version" text,
  "status" text,
  "started_at" timestamptz,
  "target_release_at" timestamptz,
  "dispositioned_at" timestamptz,
  "released_oos" boolean,
  "version_no" integer,
  "valid_from" timestamptz,
  "lims" text,
  "has_warnings" boolean,
  PRIMARY KEY ("batch_id"),
  CONSTRAINT "batch_id_has_text" CHECK ("batch_id" ~ '^\S(?:.*\S)?$') NOT ENFORCED,
  CONSTRAINT "modality_in_set" CHECK ("modality" IN ('car_t', 'tcr_t', 'nk', 'aav', 'lv')) NOT ENFORCED,
  CONSTRAINT "status_in_set" CHECK ("status" IN ('planned', 'in_process', 'completed', 'released', 'rejected', 'terminated')) NOT ENFORCED,
  CONSTRAINT "started_at_is_plausible" CHECK ("started_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "started_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "target_release_at_is_plausible" CHECK ("target_release_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "target_release_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "dispositioned_at_is_plausible" CHECK ("dispositioned_at" >= timestamptz '1990-01-01T00:00:00+00:00' AND "dispositioned_at" <= timestamptz '2100-01-01T00:00:00+00:00') NOT ENFORCED,
  CONSTRAINT "object_id_required" CHECK ("object_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "released_oos_required" CHECK ("released_oos" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "version_no_required" CHECK ("version_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "valid_from_required" CHECK ("valid_from" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_batch" IS 'one row per batch. Current version of each batch, with product and the site''s time zone. Slices by batch; a changed product or instrument heals its batches. Contract: mart_batch 1.0.0; owner: manufacturing-data.';
COMMENT ON COLUMN "marts"."mart_batch"."batch_id" IS 'The manufacturing batch (ISA-88).';
COMMENT ON COLUMN "marts"."mart_batch"."object_id" IS 'The object version in the inbound bucket that the record was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_batch"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_batch"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_batch"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_batch"."product_code" IS 'The product that is made.';
COMMENT ON COLUMN "marts"."mart_batch"."product_name" IS 'The product''s name.';
COMMENT ON COLUMN "marts"."mart_batch"."modality" IS 'What kind of therapy or vector it is.';
COMMENT ON COLUMN "marts"."mart_batch"."is_autologous" IS 'Whether a batch is made for the one patient that its cells came from.';
COMMENT ON COLUMN "marts"."mart_batch"."coi_hash" IS 'The chain of identity, as sha256 in hex of a secret salt and the opaque id: it joins, it names nobody.';
COMMENT ON COLUMN "marts"."mart_batch"."site" IS 'The site that makes the batch.';
COMMENT ON COLUMN "marts"."mart_batch"."timezone" IS 'The IANA time zone in which its site counts days; null for UTC.';
COMMENT ON COLUMN "marts"."mart_batch"."process_version" IS 'The version of the manufacturing process.';
COMMENT ON COLUMN "marts"."mart_batch"."status" IS 'How far the batch has come.';
COMMENT ON COLUMN "marts"."mart_batch"."started_at" IS 'When manufacturing began, UTC.';
COMMENT ON COLUMN "marts"."mart_batch"."target_release_at" IS 'When the batch is to be released, UTC.';
COMMENT ON COLUMN "marts"."mart_batch"."dispositioned_at" IS 'When it was decided on (released or rejected), UTC.';
COMMENT ON COLUMN "marts"."mart_batch"."released_oos" IS 'Whether it was released although a result was out of specification.';
COMMENT ON COLUMN "marts"."mart_batch"."version_no" IS 'The number of the version, from 1.';
COMMENT ON COLUMN "marts"."mart_batch"."valid_from" IS 'Since when this is so, UTC.';
COMMENT ON COLUMN "marts"."mart_batch"."lims" IS 'The LIMS that told it, by the name of its source.';
COMMENT ON COLUMN "marts"."mart_batch"."has_warnings" IS 'True where a file it rests on was let in although it breaks rules.';
