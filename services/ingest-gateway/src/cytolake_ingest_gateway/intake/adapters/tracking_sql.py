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

# What a source's file was read as is known once it is loaded: the next one of this shape is
# not looked at by every parser, and one of another shape is told as a drift. A source of very
# many shapes writes another with each file: no more of them are kept.
REMEMBER_SHAPES = """
INSERT INTO intake.shape (source, fingerprint, vendor, layout, columns)
SELECT DISTINCT ON (source, fingerprint) source, fingerprint, vendor, layout, columns FROM (
  SELECT o.source, e.time, e.data #>> '{recognition,fingerprint}' AS fingerprint,
    e.data #>> '{recognition,vendor}' AS vendor, e.data #>> '{recognition,layout}' AS layout,
    ARRAY(SELECT jsonb_array_elements_text(
      coalesce(e.data #> '{recognition,columns}', '[]'))) AS columns
  FROM intake.run r JOIN intake.object o USING (object_id)
  JOIN intake.event e ON e.run_id = r.run_id AND e.type = 'file.converted'
  WHERE r.run_id = ANY(%s)
) t WHERE fingerprint IS NOT NULL AND 64 > (
  SELECT count(*) FROM intake.shape k WHERE k.source = t.source AND k.fingerprint <> t.fingerprint)
ORDER BY source, fingerprint, time DESC
ON CONFLICT (source, fingerprint) DO UPDATE SET last_seen_at = now(),
  vendor = excluded.vendor, layout = excluded.layout, columns = excluded.columns
"""

# An instrument cut short writes less: a later version of a key with more rows says that the
# earlier one may have been a part. Whether it was, only people can tell; so both carry it.
WARN_OF_SHORTER = """
WITH pair AS (
  SELECT old.object_id AS old_id, old.object_seq AS old_seq, old_run.rows AS old_rows,
    new.object_id AS new_id, new.object_seq AS new_seq, new_run.rows AS new_rows
  FROM intake.run old_run JOIN intake.object old USING (object_id)
  JOIN intake.object new USING (bucket, key) JOIN intake.run new_run
    ON new_run.object_id = new.object_id AND new_run.state = 'loaded'
  WHERE old_run.run_id = ANY(%s) AND new.object_seq > old.object_seq
    AND new_run.rows > old_run.rows
), words AS (
  SELECT old_id AS object_id, format('A later version of this file (number %%s) has more rows, '
    '%%s and not %%s: this one may have been cut off.', new_seq, new_rows, old_rows) AS said
  FROM pair
  UNION ALL
  SELECT new_id, format('The version before it (number %%s) had fewer rows, %%s and not %%s: it '
    'may have been cut off. Check what was decided on its numbers.', old_seq, old_rows, new_rows)
  FROM pair
)
UPDATE intake.object o SET warnings = o.warnings || w.said
FROM (SELECT object_id, array_agg(said) AS said FROM words GROUP BY object_id) w
WHERE o.object_id = w.object_id AND NOT o.warnings @> w.said
"""
