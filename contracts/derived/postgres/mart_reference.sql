CREATE TABLE IF NOT EXISTS "marts"."mart_reference" (
  "object_id" text NOT NULL,
  "row_no" integer NOT NULL,
  "run_id" text,
  "run_no" integer,
  "file_key" text,
  "list_name" text,
  "code" text,
  "name" text,
  "description" text,
  "parent_code" text,
  "is_active" boolean,
  "valid_from" timestamptz,
  "valid_to" timestamptz,
  "has_warnings" boolean,
  PRIMARY KEY ("object_id", "row_no"),
  CONSTRAINT "run_id_required" CHECK ("run_id" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "run_no_required" CHECK ("run_no" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "file_key_required" CHECK ("file_key" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "list_name_required" CHECK ("list_name" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "code_required" CHECK ("code" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_reference" IS 'one row per entry of the current version of a list. Entries of the current version of each master list. Slices by object: a list that is sent again takes the place of the one before, with the entries that are gone. Contract: mart_reference 1.0.0; owner: quality-control-data.';
COMMENT ON COLUMN "marts"."mart_reference"."object_id" IS 'The object version in the inbound bucket that the row was read from (UUID).';
COMMENT ON COLUMN "marts"."mart_reference"."row_no" IS 'The row''s place in the file, from 1.';
COMMENT ON COLUMN "marts"."mart_reference"."run_id" IS 'The passage of that object through the pipeline (UUID).';
COMMENT ON COLUMN "marts"."mart_reference"."run_no" IS 'The number of that passage, from 1.';
COMMENT ON COLUMN "marts"."mart_reference"."file_key" IS 'The file''s key in the inbound bucket.';
COMMENT ON COLUMN "marts"."mart_reference"."list_name" IS 'Which list it is an entry of, e.g. supplier.';
COMMENT ON COLUMN "marts"."mart_reference"."code" IS 'What stands for it elsewhere.';
COMMENT ON COLUMN "marts"."mart_reference"."name" IS 'What people call it.';
COMMENT ON COLUMN "marts"."mart_reference"."description" IS 'More of it, in words.';
COMMENT ON COLUMN "marts"."mart_reference"."parent_code" IS 'The entry of the same list that it is part of.';
COMMENT ON COLUMN "marts"."mart_reference"."is_active" IS 'Whether it is still to be used; null where the list does not say.';
COMMENT ON COLUMN "marts"."mart_reference"."valid_from" IS 'Since when it holds.';
COMMENT ON COLUMN "marts"."mart_reference"."valid_to" IS 'Until when it holds; null for no end known.';
COMMENT ON COLUMN "marts"."mart_reference"."has_warnings" IS 'True where the file was let in although it breaks rules, warned about or released.';
