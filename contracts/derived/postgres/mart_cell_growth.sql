CREATE TABLE IF NOT EXISTS "marts"."mart_cell_growth" (
  "batch_id" text NOT NULL,
  "culture_day" double precision NOT NULL,
  "sample_id" text,
  "n_counts" bigint,
  "measured_at" timestamptz,
  "vcd" double precision,
  "viability" double precision,
  "volume_ml" double precision,
  "tvc" double precision,
  "fold_expansion" double precision,
  "pdl" double precision,
  "doubling_time_hours" double precision,
  "has_warnings" boolean,
  PRIMARY KEY ("batch_id", "culture_day"),
  CONSTRAINT "n_counts_from_one" CHECK ("n_counts" >= 1) NOT ENFORCED,
  CONSTRAINT "vcd_is_not_negative" CHECK ("vcd" >= 0) NOT ENFORCED,
  CONSTRAINT "viability_is_a_percentage" CHECK ("viability" >= 0 AND "viability" <= 100) NOT ENFORCED,
  CONSTRAINT "tvc_is_not_negative" CHECK ("tvc" >= 0) NOT ENFORCED,
  CONSTRAINT "fold_expansion_is_not_negative" CHECK ("fold_expansion" >= 0) NOT ENFORCED,
  CONSTRAINT "doubling_time_is_positive" CHECK ("doubling_time_hours" > 0) NOT ENFORCED,
  CONSTRAINT "n_counts_required" CHECK ("n_counts" IS NOT NULL) NOT ENFORCED,
  CONSTRAINT "has_warnings_required" CHECK ("has_warnings" IS NOT NULL) NOT ENFORCED
);
COMMENT ON TABLE "marts"."mart_cell_growth" IS 'one row per batch and culture day. Viable cell density, viability and growth, means over replicate counts. tvc = vcd x volume; fold expansion and pdl (log2 of it) against the batch''s first day; doubling time = dt x ln2 / ln(tvc2 / tvc1) against the day before, null where it does not grow. Slices by batch; a count heals its sample''s batch, a list the batch it takes a sample from and the one it gives it to. Contract: mart_cell_growth 1.1.0; owner: cell-analytics-data.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."batch_id" IS 'The manufacturing batch (ISA-88).';
COMMENT ON COLUMN "marts"."mart_cell_growth"."culture_day" IS 'Days since the culture began. Unit: d.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."sample_id" IS 'The sample that was counted; the first by name where there are several.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."n_counts" IS 'How many counts the figures are the mean of.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."measured_at" IS 'When the sample was counted; the last time where there are several.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."vcd" IS 'Viable cell density, mean of the counts. Unit: 10*6/mL.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."viability" IS 'Viable share of the cells, mean of the counts. Unit: %.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."volume_ml" IS 'The volume of the culture. Unit: mL.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."tvc" IS 'Total viable cells, vcd times volume_ml. Unit: 10*6.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."fold_expansion" IS 'tvc over the tvc of the batch''s first day. Unit: 1.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."pdl" IS 'Population doublings, log2 of fold_expansion. Unit: 1.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."doubling_time_hours" IS 'Hours times ln 2 over ln of the growth since the day before; null if not growing. Unit: h.';
COMMENT ON COLUMN "marts"."mart_cell_growth"."has_warnings" IS 'True where any file that the figures rest on, of this day or one before, was let in although it breaks rules.';
