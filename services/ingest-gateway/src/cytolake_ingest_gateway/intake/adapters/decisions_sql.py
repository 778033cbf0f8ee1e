"""The statements that carry decisions out; a portion costs a fixed number of them."""

LOCKS = """
SELECT pg_advisory_xact_lock(hashtext('cytolake.intake.register')),
       pg_advisory_xact_lock(hashtext('cytolake.intake.fold'))
"""

# What somebody decided about one file does not wait behind a replay of thousands.
PENDING = """
SELECT d.*, p.after_received_at, p.after_object_id
FROM intake.decision d LEFT JOIN intake.decision_progress p USING (decision_id)
WHERE d.denied_code IS NULL AND p.done_at IS NULL AND d.action <> 'release_batch'
ORDER BY d.object_id IS NULL, d.decision_no LIMIT 1
"""

ON_THE_WAY = """
SELECT count(*) FROM intake.run
WHERE state IN ('received', 'landed', 'converted', 'validated', 'built') AND decision_id IS NOT NULL
"""

PORTION = """
SELECT object_id, received_at FROM intake.chosen(%(scope)s, %(states)s::text[], %(decided_at)s)
WHERE %(after_received_at)s::timestamptz IS NULL
  OR (received_at, object_id) > (%(after_received_at)s, %(after_object_id)s)
ORDER BY received_at, object_id LIMIT %(limit)s
"""

CASES = """
SELECT o.object_id, o.bucket, o.key, o.state, o.source, o.content_sha256,
  NOT EXISTS (SELECT FROM intake.object newer WHERE newer.bucket = o.bucket
    AND newer.key = o.key AND newer.object_seq > o.object_seq) AS is_head,
  coalesce(n.run_no, 0) AS run_no, n.source AS last_source, n.decided -> 'release' AS release,
  l.run_no AS replaces, e.data AS converted,
  CASE WHEN n.run_no IS NULL THEN (
    SELECT t.object_id FROM intake.object t JOIN intake.source s ON s.name = t.source
    WHERE t.content_sha256 = o.content_sha256 AND t.source = o.source
      AND t.source_revision = s.revision AND t.object_id <> o.object_id
      AND t.state NOT IN ('rejected', 'duplicate', 'superseded', 'vanished')
    ORDER BY t.received_at LIMIT 1) END AS twin
FROM intake.object o
LEFT JOIN LATERAL (SELECT * FROM intake.run r WHERE r.object_id = o.object_id
  ORDER BY run_no DESC LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT * FROM intake.run r WHERE r.object_id = o.object_id
  AND r.state = 'loaded' ORDER BY run_no DESC LIMIT 1) l ON true
LEFT JOIN LATERAL (SELECT data FROM intake.event v WHERE v.run_id = l.run_id
  AND v.type = 'file.converted' LIMIT 1) e ON true
WHERE o.object_id = ANY (%s) ORDER BY o.received_at, o.object_id
"""

OPEN = """
INSERT INTO intake.run (run_id, object_id, run_no, decision, actor, reason, source, opened_at,
  state, state_since, progress, ended_at, decision_id, decided)
VALUES (%(run_id)s, %(object_id)s, %(run_no)s, %(action)s, %(actor)s, %(reason)s, %(source)s,
  %(now)s, %(state)s, %(now)s, %(progress)s, %(ended_at)s, %(decision_id)s, %(decided)s)
"""

REOPEN = """
UPDATE intake.object SET state = %(state)s, state_since = %(now)s, reason_code = %(reason_code)s,
  message = %(message)s, source_revision = coalesce(%(source_revision)s, source_revision)
WHERE object_id = %(object_id)s
"""

DOUBLE = """
UPDATE intake.object SET state = 'duplicate', state_since = %(now)s, duplicate_of = %(original)s,
  source_revision = %(source_revision)s, reason_code = 'DUPLICATE_CONTENT',
  message = 'The same bytes are there already, from the same source: its rows are those.'
WHERE object_id = %(object_id)s
"""

NOTE = """
INSERT INTO intake.decision_progress AS p (decision_id, opened, passed_over, after_received_at,
  after_object_id, done_at)
VALUES (%(decision_id)s, %(opened)s, %(passed_over)s, %(after_received_at)s, %(after_object_id)s,
  %(done_at)s)
ON CONFLICT (decision_id) DO UPDATE SET opened = p.opened + excluded.opened,
  passed_over = p.passed_over + excluded.passed_over,
  after_received_at = coalesce(excluded.after_received_at, p.after_received_at),
  after_object_id = coalesce(excluded.after_object_id, p.after_object_id),
  done_at = excluded.done_at
"""
