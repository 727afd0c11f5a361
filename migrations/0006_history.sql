-- History by day: attempts, batches and their keys lie in one table per day, so that a day is
-- dropped as a whole.
--
-- Each call is about one kind of history, and must be a transaction of its own: whoever held the
-- table of one kind and waited for that of another would close circles, because others wait for a
-- table while they hold rows, and for rows while they hold a table (see 0002). And it gives up
-- after a moment, because all who come behind it in the queue for the table wait as long as it does.
-- breaking: no

-- Makes the table of a day. Rows of a day that has no table lie in the default table, from where
-- they are moved when the day gets one.
CREATE FUNCTION backfill.add_history_day(p_kind text, p_day date) RETURNS int
LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
  field text := CASE p_kind WHEN 'attempt' THEN 'ended_at' ELSE 'committed_at' END;
  child text := p_kind || '_' || to_char(p_day, 'YYYYMMDD');
  from_at timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
  to_at timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
  -- Whoever is at it already does it all.
  IF to_regclass('backfill.' || child) IS NOT NULL
      OR NOT pg_try_advisory_xact_lock(x'6261636b00000004'::bigint) THEN
    RETURN 0;
  END IF;
  -- Nothing may come into the default table between the move and the attachment; and who is on
  -- the way there must wait before it is decided that the row goes there.
  EXECUTE format('LOCK TABLE ONLY backfill.%I IN SHARE ROW EXCLUSIVE MODE', p_kind);
  EXECUTE format('LOCK TABLE backfill.%I IN ACCESS EXCLUSIVE MODE', p_kind || '_default');
  EXECUTE format('CREATE TABLE backfill.%I (LIKE backfill.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
    child, p_kind);
  EXECUTE format(
    'WITH moved AS (DELETE FROM backfill.%I WHERE %I >= %L AND %I < %L RETURNING *)
     INSERT INTO backfill.%I SELECT * FROM moved',
    p_kind || '_default', field, from_at, field, to_at, child);
  EXECUTE format(
    'ALTER TABLE backfill.%I ATTACH PARTITION backfill.%I FOR VALUES FROM (%L) TO (%L)',
    p_kind, child, from_at, to_at);
  RETURN 1;
END $$;

-- Drops the tables of all days before one, and what lies of them in the default table; not the
-- days of backfills that have not ended, whose batches may still be asked for.
CREATE FUNCTION backfill.drop_history_days(p_kind text, p_before date) RETURNS int
LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
  bound timestamptz := p_before::timestamp AT TIME ZONE 'UTC';
  child record;
  dropped int := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(x'6261636b00000004'::bigint) THEN
    RETURN 0;
  END IF;
  bound := least(bound, (SELECT min(b.submitted_at) FROM backfill.backfill b
    WHERE b.finished_at IS NULL));
  FOR child IN
    SELECT c.relname
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = ('backfill.' || p_kind)::regclass AND c.relname ~ '_[0-9]{8}$'
        AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= bound
      ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE backfill.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  EXECUTE format('DELETE FROM backfill.%I WHERE %I < %L', p_kind || '_default',
    CASE p_kind WHEN 'attempt' THEN 'ended_at' ELSE 'committed_at' END, bound);
  RETURN dropped;
END $$;
