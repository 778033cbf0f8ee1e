-- People and what they decide. Applied by intake after schema.sql: idempotent too.
-- A decision is recorded once and never changed (21 CFR 11.10(e)); what came of it stands in
-- intake.decision_progress and in the runs that it opened. No foreign key points at a decision:
-- checking one locks the row, which needs the right to update it, and nobody has that.
CREATE TABLE IF NOT EXISTS intake.person (
  name        text PRIMARY KEY CHECK (name ~ '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$'),
  roles       text[] NOT NULL CHECK (
    cardinality(roles) > 0 AND roles <@ ARRAY['reviewer', 'operator', 'viewer']),
  added_by    text NOT NULL,
  added_at    timestamptz NOT NULL DEFAULT now(),
  revoked_by  text,
  revoked_at  timestamptz
);
COMMENT ON TABLE intake.person IS 'One row per person who may decide or look; a name is given once.';

ALTER TABLE intake.api_key ADD COLUMN IF NOT EXISTS person text REFERENCES intake.person;
COMMENT ON COLUMN intake.api_key.person IS 'Whose key it is; null: a source''s, or a nameless operator''s.';
ALTER TABLE intake.object ADD COLUMN IF NOT EXISTS dropped_by text;
COMMENT ON COLUMN intake.object.dropped_by IS 'The person who uploaded it; null: its source itself.';
ALTER TABLE intake.run
  ADD COLUMN IF NOT EXISTS decision_id uuid,
  ADD COLUMN IF NOT EXISTS decided jsonb;
COMMENT ON COLUMN intake.run.decided IS 'The decision that opened it, as file.landed tells it.';
CREATE INDEX IF NOT EXISTS run_of_decision ON intake.run (decision_id) WHERE decision_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS intake.decision (
  decision_no     bigint PRIMARY KEY,
  decision_id     uuid NOT NULL UNIQUE,
  action          text NOT NULL CHECK (action IN ('replay', 'revalidate', 'release', 'refuse', 'release_batch')),
  actor           text NOT NULL,
  reason          text NOT NULL CHECK (btrim(reason) <> ''),
  object_id       uuid,
  scope           jsonb NOT NULL,
  rules           text[] NOT NULL DEFAULT '{}',
  denied_code     text,
  denied_message  text,
  decided_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((action IN ('release', 'refuse')) <= (object_id IS NOT NULL)),
  CHECK ((denied_code IS NULL) = (denied_message IS NULL))
);
COMMENT ON TABLE intake.decision IS 'One row per decision of a person, and per attempt that was denied.';
COMMENT ON COLUMN intake.decision.decision_id IS 'The id of the request: asked again, it is the same decision.';
COMMENT ON COLUMN intake.decision.object_id IS 'Null: about all that the scope names.';
COMMENT ON COLUMN intake.decision.rules IS 'Those that a release lets pass, as <dataset>.<rule>.';
CREATE INDEX IF NOT EXISTS decision_of_object ON intake.decision (object_id) WHERE object_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS intake.decision_progress (
  decision_id        uuid PRIMARY KEY,
  opened             integer NOT NULL DEFAULT 0,
  passed_over        integer NOT NULL DEFAULT 0,
  after_received_at  timestamptz,
  after_object_id    uuid,
  done_at            timestamptz
);
COMMENT ON TABLE intake.decision_progress IS 'How far intake has carried out each decision.';
COMMENT ON COLUMN intake.decision_progress.passed_over IS 'Objects whose state had changed by then.';

CREATE TABLE IF NOT EXISTS intake.decision_audited (
  decision_no  bigint PRIMARY KEY
);
COMMENT ON TABLE intake.decision_audited IS 'The decisions that stand in the audit trail.';

CREATE OR REPLACE FUNCTION intake.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'decisions are never changed or removed (% refused)', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER decision_is_final
BEFORE UPDATE OR DELETE OR TRUNCATE ON intake.decision
FOR EACH STATEMENT EXECUTE FUNCTION intake.refuse_change();

-- What a scope names, as the ledger is now. A refusal stands until its file is named by its id.
CREATE OR REPLACE FUNCTION intake.chosen(p_scope jsonb, p_states text[], p_before timestamptz)
RETURNS TABLE (object_id uuid, received_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT o.object_id, o.received_at FROM intake.object o
  WHERE o.state = ANY (p_states) AND o.received_at <= p_before AND o.content_sha256 IS NOT NULL
    AND EXISTS (SELECT FROM intake.source s WHERE s.name = o.source)
    AND (p_scope ? 'objects' OR o.reason_code IS DISTINCT FROM 'REFUSED')
    AND (NOT p_scope ? 'objects' OR o.object_id IN (
      SELECT id::uuid FROM jsonb_array_elements_text(p_scope -> 'objects') AS id))
    AND (NOT p_scope ? 'source' OR o.source = p_scope ->> 'source')
    AND (NOT p_scope ? 'reason_code' OR o.reason_code = p_scope ->> 'reason_code')
    AND (NOT p_scope ? 'since' OR o.received_at >= (p_scope ->> 'since')::timestamptz)
    AND (NOT p_scope ? 'until' OR o.received_at < (p_scope ->> 'until')::timestamptz)
    AND (NOT p_scope ? 'dataset' OR EXISTS (
      SELECT FROM intake.run r JOIN intake.event e ON e.run_id = r.run_id AND e.type = 'file.converted'
      WHERE r.object_id = o.object_id AND (
        e.data #>> '{table,dataset}' = p_scope ->> 'dataset'
        OR e.data -> 'others' @> jsonb_build_array(
          jsonb_build_object('dataset', p_scope -> 'dataset')))))
$$;

-- Lineage makes the audit trail at its first start; until then nothing can be told it.
CREATE OR REPLACE FUNCTION intake.is_audit_open() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'audit' AND p.proname = 'record'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE'))
$$;

-- Into the audit trail, in the transaction of the decision; where the trail is not made yet
-- (lineage makes it at its first start), with the next decision or intake's next start.
CREATE OR REPLACE FUNCTION intake.audit_decisions() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE d intake.decision; born timestamptz;
BEGIN
  IF NOT intake.is_audit_open() THEN RETURN; END IF;
  SELECT min(decided_at) INTO born FROM intake.decision;
  FOR d IN SELECT n.* FROM intake.decision n WHERE NOT EXISTS (
    SELECT FROM intake.decision_audited a WHERE a.decision_no = n.decision_no) ORDER BY n.decision_no
  LOOP
    PERFORM audit.record(
      p_stream => 'intake.decision', p_stream_created => born, p_stream_sequence => d.decision_no,
      p_subject => 'intake.decision', p_stored_at => d.decided_at,
      p_body => convert_to(to_jsonb(d)::text, 'UTF8'),
      p_type => CASE WHEN d.denied_code IS NULL THEN 'decision.' ELSE 'denied.' END || d.action,
      p_about => coalesce((SELECT o.key FROM intake.object o WHERE o.object_id = d.object_id),
        d.scope ->> 'batch', d.scope::text),
      p_event_id => d.decision_id, p_announcement => 1, p_object_id => d.object_id,
      p_run_id => NULL, p_time => d.decided_at,
      p_summary => format('%s %s: %s', d.actor, d.action, d.reason)
        || coalesce(' (denied: ' || d.denied_message || ')', ''));
    INSERT INTO intake.decision_audited VALUES (d.decision_no);
  END LOOP;
END $$;

-- The one way in. What the api checks is checked here again: it may be wrong, this may not.
CREATE OR REPLACE FUNCTION intake.decide(
  p_id uuid, p_action text, p_actor text, p_reason text, p_object uuid, p_scope jsonb,
  p_rules text[], p_denied_code text, p_denied_message text
) RETURNS intake.decision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE known intake.decision;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('cytolake.intake.decide'));
  SELECT * INTO known FROM intake.decision WHERE decision_id = p_id;
  IF FOUND THEN
    IF (known.action, known.actor, known.reason, known.object_id, known.scope)
      IS DISTINCT FROM (p_action, p_actor, p_reason, p_object, p_scope) THEN
      RAISE EXCEPTION 'request % was another decision', p_id USING ERRCODE = 'unique_violation';
    END IF;
    RETURN known;
  END IF;
  IF p_denied_code IS NULL AND NOT EXISTS (
    SELECT FROM intake.person WHERE name = p_actor AND revoked_at IS NULL
      AND roles && CASE WHEN p_action IN ('release', 'refuse', 'release_batch') THEN ARRAY['reviewer']
        ELSE ARRAY['reviewer', 'operator'] END
  ) THEN
    RAISE EXCEPTION '% may not %', p_actor, p_action USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF p_denied_code IS NULL AND p_action = 'release' AND EXISTS (
    SELECT FROM intake.object WHERE object_id = p_object AND dropped_by = p_actor
  ) THEN
    RAISE EXCEPTION '% dropped this file', p_actor USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF p_denied_code IS NULL AND p_action = 'release_batch' THEN
    -- A foreign key to the lake's catalog: what is gone cannot be released, what is released stays.
    INSERT INTO ducklake.pinned_snapshot (snapshot_id) VALUES ((p_scope ->> 'snapshot_id')::bigint)
    ON CONFLICT (snapshot_id) DO NOTHING;
  END IF;
  INSERT INTO intake.decision (decision_no, decision_id, action, actor, reason, object_id, scope,
    rules, denied_code, denied_message)
  VALUES ((SELECT coalesce(max(decision_no), 0) + 1 FROM intake.decision), p_id, p_action, p_actor,
    p_reason, p_object, p_scope, p_rules, p_denied_code, p_denied_message)
  RETURNING * INTO known;
  PERFORM intake.audit_decisions();
  PERFORM pg_notify('cytolake_decisions', '');
  RETURN known;
END $$;
REVOKE ALL ON FUNCTION intake.decide, intake.audit_decisions, intake.is_audit_open FROM PUBLIC;
REVOKE UPDATE, DELETE, TRUNCATE ON intake.decision FROM CURRENT_USER;
SELECT intake.audit_decisions();

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'api') THEN
    GRANT SELECT ON intake.person, intake.decision, intake.decision_progress TO api;
    GRANT INSERT, UPDATE ON intake.person TO api;
    GRANT EXECUTE ON FUNCTION intake.decide TO api;
  END IF;
END $$;
