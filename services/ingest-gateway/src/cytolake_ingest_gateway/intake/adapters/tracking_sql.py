"""The tracker's statements; arrays in, so that a batch costs a fixed number of them."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('cytolake.intake.fold'))"

KEEP = """
INSERT INTO intake.event (event_id, run_id, type, time, stream_sequence, message, data)
SELECT event_id, run_id, type, time, stream_sequence, message, data::jsonb
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[], %s::text[],
            %s::text[]) t(event_id, run_id, type, time, stream_sequence, message, data)
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id
"""

COVER = """
INSERT INTO intake.event_run (run_id, event_id)
SELECT * FROM unnest(%s::uuid[], %s::uuid[]) ON CONFLICT DO NOTHING
"""

STANDINGS = """
SELECT run_id, state, progress::int, rows FROM intake.run
WHERE run_id = ANY(%s) ORDER BY run_id FOR UPDATE
"""

MOVE_RUNS = """
UPDATE intake.run r
SET state = t.state, progress = t.progress, rows = t.rows,
    state_since = coalesce(t.since, r.state_since),
    ended_at = CASE WHEN t.is_end THEN coalesce(t.since, r.ended_at) END
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[], %s::bigint[], %s::bool[])
  t(run_id, state, progress, since, rows, is_end)
WHERE r.run_id = t.run_id
"""

# An object's state is that of its newest run; an older run's news stays with the run.
MOVE_OBJECTS = """
UPDATE intake.object o
SET state = r.state, state_since = r.state_since, reason_code = t.reason_code, message = t.message
FROM unnest(%s::uuid[], %s::text[], %s::text[]) t(run_id, reason_code, message)
JOIN intake.run r USING (run_id)
WHERE o.object_id = r.object_id
  AND NOT EXISTS (SELECT FROM intake.run n WHERE n.object_id = r.object_id AND n.run_no > r.run_no)
"""

LOADED_OF_SAME_KEYS = """
SELECT o.bucket, o.key, o.object_seq, r.run_no, r.run_id
FROM intake.run r JOIN intake.object o USING (object_id)
WHERE r.state = 'loaded' AND (o.bucket, o.key) IN (
  SELECT k.bucket, k.key FROM intake.run l JOIN intake.object k USING (object_id)
  WHERE l.run_id = ANY(%s))
"""

SUPERSEDE_RUNS = """
UPDATE intake.run SET state = 'superseded', state_since = %s, ended_at = %s WHERE run_id = ANY(%s)
"""
