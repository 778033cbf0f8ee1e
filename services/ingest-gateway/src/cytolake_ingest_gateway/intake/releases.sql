-- Releases of batches: decisions, and what was exported of each. Applied by intake after
-- decisions.sql: idempotent too. The state that was released is pinned by intake.decide.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_constraint
    WHERE conrelid = 'intake.decision'::regclass AND conname = 'decision_names_its_batch') THEN
    ALTER TABLE intake.decision
      DROP CONSTRAINT decision_action_check,
      ADD CONSTRAINT decision_action_check CHECK (
        action IN ('replay', 'revalidate', 'release', 'refuse', 'release_batch')),
      ADD CONSTRAINT decision_names_its_batch CHECK (
        action <> 'release_batch' OR (btrim(scope ->> 'batch') <> '' AND scope ? 'snapshot_id'));
  END IF;
END $$;

CREATE TABLE IF NOT EXISTS intake.release_export (
  export_no        bigint PRIMARY KEY,
  decision_id      uuid NOT NULL UNIQUE,
  manifest_key     text NOT NULL,
  manifest_sha256  text NOT NULL CHECK (manifest_sha256 ~ '^[0-9a-f]{64}$'),
  files            integer NOT NULL,
  rows             bigint NOT NULL,
  exported_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  is_audited       boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE intake.release_export IS 'One row per release whose rows lie in the evidence bucket.';
COMMENT ON COLUMN intake.release_export.is_audited IS 'Whether it stands in the audit trail.';

CREATE OR REPLACE VIEW intake.release AS
SELECT d.decision_id, d.scope ->> 'batch' AS batch_id,
  row_number() OVER (PARTITION BY d.scope ->> 'batch' ORDER BY d.decision_no) AS release_no,
  (d.scope ->> 'snapshot_id')::bigint AS snapshot_id, d.actor, d.reason, d.decided_at,
  e.manifest_key, e.manifest_sha256, e.files, e.rows, e.exported_at
FROM intake.decision d LEFT JOIN intake.release_export e USING (decision_id)
WHERE d.action = 'release_batch' AND d.denied_code IS NULL;
COMMENT ON VIEW intake.release IS 'One row per release of a batch, numbered within the batch.';

-- What was exported is told once; only the mark that it is audited changes, and once.
CREATE OR REPLACE FUNCTION intake.refuse_other_export() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.is_audited AND NOT OLD.is_audited
    AND to_jsonb(NEW) - 'is_audited' = to_jsonb(OLD) - 'is_audited' THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'exports of releases are never changed or removed (% refused)', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER release_export_is_final
BEFORE UPDATE OR DELETE ON intake.release_export
FOR EACH ROW EXECUTE FUNCTION intake.refuse_other_export();
CREATE OR REPLACE TRIGGER release_export_stays
BEFORE TRUNCATE ON intake.release_export
FOR EACH STATEMENT EXECUTE FUNCTION intake.refuse_change();

CREATE OR REPLACE FUNCTION intake.audit_exports() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE e record; born timestamptz;
BEGIN
  IF NOT intake.is_audit_open() THEN RETURN; END IF;
  SELECT min(exported_at) INTO born FROM intake.release_export;
  FOR e IN SELECT x.*, r.batch_id, r.release_no FROM intake.release_export x
    JOIN intake.release r USING (decision_id) WHERE NOT x.is_audited ORDER BY x.export_no
  LOOP
    PERFORM audit.record(
      p_stream => 'intake.release_export', p_stream_created => born,
      p_stream_sequence => e.export_no, p_subject => 'intake.release_export',
      p_stored_at => e.exported_at, p_body => convert_to((to_jsonb(e) - 'is_audited')::text, 'UTF8'),
      p_type => 'release.exported', p_about => e.batch_id, p_event_id => e.decision_id,
      p_announcement => 2, p_object_id => NULL, p_run_id => NULL, p_time => e.exported_at,
      p_summary => format('release %s of batch %s: %s rows in %s files, manifest sha256 %s',
        e.release_no, e.batch_id, e.rows, e.files, e.manifest_sha256));
    UPDATE intake.release_export SET is_audited = true WHERE export_no = e.export_no;
  END LOOP;
END $$;

-- The one way in, for who exports. Told again, it is the same; told otherwise, it is refused.
CREATE OR REPLACE FUNCTION intake.release_exported(
  p_decision uuid, p_manifest_key text, p_manifest_sha256 text, p_files integer, p_rows bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE known intake.release_export;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('cytolake.intake.release_export'));
  IF NOT EXISTS (SELECT FROM intake.release WHERE decision_id = p_decision) THEN
    RAISE EXCEPTION '% is no release', p_decision USING ERRCODE = 'no_data_found';
  END IF;
  SELECT * INTO known FROM intake.release_export WHERE decision_id = p_decision;
  IF FOUND AND known.manifest_sha256 <> p_manifest_sha256 THEN
    RAISE EXCEPTION 'release % was exported with another manifest', p_decision
      USING ERRCODE = 'unique_violation';
  ELSIF NOT FOUND THEN
    INSERT INTO intake.release_export (export_no, decision_id, manifest_key, manifest_sha256, files,
      rows)
    VALUES ((SELECT coalesce(max(export_no), 0) + 1 FROM intake.release_export), p_decision,
      p_manifest_key, p_manifest_sha256, p_files, p_rows);
    INSERT INTO intake.decision_progress (decision_id, done_at) VALUES (p_decision, now())
    ON CONFLICT (decision_id) DO NOTHING;
  END IF;
  PERFORM intake.audit_exports();
END $$;
REVOKE ALL ON FUNCTION intake.release_exported, intake.audit_exports FROM PUBLIC;
REVOKE DELETE, TRUNCATE ON intake.release_export FROM CURRENT_USER;
SELECT intake.audit_exports();

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'api') THEN
    GRANT SELECT ON intake.release TO api;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'checker') THEN
    GRANT USAGE ON SCHEMA intake TO checker;
    GRANT SELECT ON intake.release TO checker;
    GRANT EXECUTE ON FUNCTION intake.release_exported TO checker;
  END IF;
END $$;
