-- History by day: attempts, batches and their keys lie in one table per day, so that a day is
-- dropped as a whole. The tables are locked in the order in which a commit writes them: keys,
-- attempt, batch.
-- breaking: no

-- Makes the tables of a day. Rows of a day that has no table lie in the default table, from where
-- they are moved when the day gets one.
CREATE FUNCTION backfill.add_history_day(p_day date) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  kind record;
  child text;
  made int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(x'6261636b00000004'::bigint);
  FOR kind IN
    SELECT * FROM (VALUES ('batch_keys', 'committed_at'), ('attempt', 'ended_at'),
      ('batch', 'committed_at')) AS k(parent, field)
  LOOP
    child := kind.parent || '_' || to_char(p_day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('backfill.' || child) IS NOT NULL;
    -- Nothing may come into the default table between the move and the attachment; and who is on
    -- the way there must wait before it is decided that the row goes there.
    EXECUTE format('LOCK TABLE ONLY backfill.%I IN SHARE ROW EXCLUSIVE MODE', kind.parent);
    EXECUTE format('LOCK TABLE backfill.%I IN ACCESS EXCLUSIVE MODE', kind.parent || '_default');
    EXECUTE format('CREATE TABLE backfill.%I (LIKE backfill.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
      child, kind.parent);
    EXECUTE format(
      'WITH moved AS (DELETE FROM backfill.%I WHERE %I >= %L AND %I < %L RETURNING *)
       INSERT INTO backfill.%I SELECT * FROM moved',
      kind.parent || '_default', kind.field, p_day::timestamp AT TIME ZONE 'UTC', kind.field,
      (p_day + 1)::timestamp AT TIME ZONE 'UTC', child);
    EXECUTE format(
      'ALTER TABLE backfill.%I ATTACH PARTITION backfill.%I FOR VALUES FROM (%L) TO (%L)',
      kind.parent, child, p_day::timestamp AT TIME ZONE 'UTC',
      (p_day + 1)::timestamp AT TIME ZONE 'UTC');
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- Drops the tables of all days before one, and what lies of them in the default tables; not the
-- days of backfills that have not ended, whose batches may still be asked for.
CREATE FUNCTION backfill.drop_history_days(p_before date) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  bound timestamptz := p_before::timestamp AT TIME ZONE 'UTC';
  child record;
  dropped int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(x'6261636b00000004'::bigint);
  bound := least(bound, (SELECT min(b.submitted_at) FROM backfill.backfill b
    WHERE b.finished_at IS NULL));
  FOR child IN
    SELECT c.relname
      FROM (VALUES (1, 'backfill.batch_keys'::regclass), (2, 'backfill.attempt'),
        (3, 'backfill.batch')) AS k(turn, parent)
      JOIN pg_inherits i ON i.inhparent = k.parent
      JOIN pg_class c ON c.oid = i.inhrelid
      WHERE c.relname ~ '_[0-9]{8}$'
        AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= bound
      ORDER BY k.turn, c.relname
  LOOP
    EXECUTE format('DROP TABLE backfill.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM backfill.batch_keys_default WHERE committed_at < bound;
  DELETE FROM backfill.attempt_default WHERE ended_at < bound;
  DELETE FROM backfill.batch_default WHERE committed_at < bound;
  RETURN dropped;
END $$;
