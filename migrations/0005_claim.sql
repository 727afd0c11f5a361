-- The claim, and the frontiers that keep it flat.
-- breaking: no

-- Claims up to `p_room` partitions for a worker.
--
-- The sources are locked first, in order, and only then, in a statement of its own and so with a
-- newer snapshot, is counted what runs: no cap is overshot. Whoever comes second waits a moment.
-- Blocked, paused and full lanes are never searched, and within a lane the search starts at its
-- frontier. Every step is materialized, so that no plan can claim more than was asked.
-- Priority goes before fairness; lanes of one priority take turns, the one that runs least first.
CREATE FUNCTION backfill.claim(p_worker bigint, p_room int, p_lease interval)
RETURNS TABLE (backfill_id bigint, number int, fence bigint, from_at timestamptz,
  to_at timestamptz, checkpoint text, batch_sequence int, attempts int, failures int,
  read bigint, rejected bigint, claimed_at timestamptz)
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
  sources int[];
  now_at timestamptz;
BEGIN
  SELECT array_agg(g.source_id) INTO sources
    FROM (
      SELECT b.source_id FROM backfill.request_budget b
        WHERE (b.held_until IS NULL OR b.held_until <= clock_timestamp())
          AND EXISTS (SELECT FROM backfill.lane l
            WHERE l.source_id = b.source_id AND NOT l.paused)
        ORDER BY b.source_id
        FOR NO KEY UPDATE
    ) AS g;
  IF sources IS NULL THEN
    RETURN;
  END IF;
  now_at := clock_timestamp();

  RETURN QUERY
  WITH source AS MATERIALIZED (
    -- How many more partitions the source may run; null where nothing caps it.
    SELECT b.source_id, b.concurrency - (
        SELECT count(*) FROM backfill.lane l
          JOIN backfill.partition p ON p.backfill_id = l.backfill_id
          WHERE b.concurrency IS NOT NULL AND l.source_id = b.source_id
            AND p.state = 'running' AND p.claimed_at >= l.running_frontier
      ) AS room
      FROM backfill.request_budget b WHERE b.source_id = ANY (sources)
  ), lane AS MATERIALIZED (
    SELECT l.*, running.count AS running,
        least(p_room, source.room, l.concurrency - running.count) AS room
      FROM source
      JOIN backfill.lane l ON l.source_id = source.source_id
      CROSS JOIN LATERAL (
        SELECT count(*) FROM backfill.partition p
          WHERE p.backfill_id = l.backfill_id AND p.state = 'running'
            AND p.claimed_at >= l.running_frontier
      ) AS running
      WHERE NOT l.paused AND (source.room IS NULL OR source.room > 0)
  ), candidate AS MATERIALIZED (
    SELECT lane.source_id, lane.priority, lane.backfill_id, lane.running_frontier, due.number,
        lane.running + row_number() OVER (
          PARTITION BY lane.backfill_id ORDER BY due.is_ready, due.rank) AS turn
      FROM lane
      CROSS JOIN LATERAL (
        -- What is tried again goes first; both together stay within the room of the lane.
        SELECT * FROM (
          (SELECT p.number, p.rank, false AS is_ready
            FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'waiting'
              AND p.not_before >= lane.due_frontier AND p.not_before <= now_at
            ORDER BY p.not_before
            LIMIT lane.room)
          UNION ALL
          (SELECT p.number, p.rank, true
            FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'ready'
              AND p.rank >= lane.ready_frontier
            ORDER BY p.rank
            LIMIT lane.room)
        ) AS claimable
        ORDER BY is_ready, rank
        LIMIT lane.room
      ) AS due
      WHERE NOT lane.strict AND lane.room > 0
    UNION ALL
    -- One at a time, in order: the first that has not ended, if it may run at all.
    SELECT lane.source_id, lane.priority, lane.backfill_id, lane.running_frontier, head.number, 1
      FROM lane
      CROSS JOIN LATERAL (
        SELECT * FROM (
          (SELECT p.number, p.rank, now_at AS due_at FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'ready'
              AND p.rank >= lane.ready_frontier
            ORDER BY p.rank LIMIT 1)
          UNION ALL
          (SELECT p.number, p.rank, p.not_before FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'waiting'
              AND p.not_before >= lane.due_frontier
            ORDER BY p.rank LIMIT 1)
        ) AS unfinished
        ORDER BY rank LIMIT 1
      ) AS head
      WHERE lane.strict AND lane.running = 0 AND lane.room > 0 AND head.due_at <= now_at
        AND NOT EXISTS (SELECT FROM backfill.partition p
          WHERE p.backfill_id = lane.backfill_id AND p.state IN ('failed', 'quarantined')
            AND p.rank < head.rank)
  ), ranked AS MATERIALIZED (
    SELECT candidate.*, source.room, row_number() OVER (
        PARTITION BY candidate.source_id
        ORDER BY candidate.priority DESC, candidate.turn, candidate.backfill_id) AS source_turn
      FROM candidate JOIN source ON source.source_id = candidate.source_id
  ), chosen AS MATERIALIZED (
    SELECT ranked.backfill_id, ranked.number, ranked.running_frontier
      FROM ranked
      WHERE ranked.room IS NULL OR ranked.source_turn <= ranked.room
      ORDER BY ranked.priority DESC, ranked.turn, ranked.backfill_id
      LIMIT p_room
  ), locked AS MATERIALIZED (
    SELECT p.row_id, chosen.running_frontier
      FROM chosen
      CROSS JOIN LATERAL (
        SELECT p.ctid AS row_id FROM backfill.partition p
          WHERE p.backfill_id = chosen.backfill_id AND p.number = chosen.number
            AND p.state IN ('ready', 'waiting')
          FOR NO KEY UPDATE SKIP LOCKED
      ) AS p
  ), claimed AS (
    -- By the address of the locked rows: no plan can look for them in another way. Where an
    -- operator changed one between snapshot and lock, it is left for the next claim. Nothing is
    -- claimed before the frontier behind which no running partition is looked for, even if the
    -- clock is set back.
    UPDATE backfill.partition p
      SET state = 'running', fence = p.fence + 1, attempts = p.attempts + 1,
        attempt_sequence = p.batch_sequence, worker_id = p_worker,
        claimed_at = greatest(now_at, (SELECT max(locked.running_frontier) FROM locked)),
        lease_until = now_at + p_lease, not_before = NULL, kind = NULL, message = NULL
      WHERE p.ctid = ANY (ARRAY(SELECT locked.row_id FROM locked))
      RETURNING p.*
  )
  SELECT p.backfill_id, p.number, p.fence, p.from_at, p.to_at, p.checkpoint, p.batch_sequence,
      p.attempts, p.failures, p.read, p.rejected, p.claimed_at
    FROM claimed p
    ORDER BY p.backfill_id, p.rank;
END $$;

-- Moves the frontiers of the lanes up to where their work begins. Under the locks that a claim and
-- an operator's retry take, so that nothing can appear behind a frontier. What waits may be
-- committed a moment after its time was taken, hence the minute. Where that moment was longer than
-- a minute, a partition would wait for ever; so once a minute a lane is searched from its beginning,
-- and its frontiers go back to what is found. That is done before claims are locked out: to go back
-- is always safe.
CREATE FUNCTION backfill.advance_frontiers() RETURNS int
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  one record;
  moved int := 0;
BEGIN
  UPDATE backfill.lane l
    SET searched_at = clock_timestamp(),
      ready_frontier = least(l.ready_frontier, (SELECT p.rank FROM backfill.partition p
        WHERE p.backfill_id = l.backfill_id AND p.state = 'ready'
        ORDER BY p.rank LIMIT 1)),
      due_frontier = least(l.due_frontier, (SELECT p.not_before FROM backfill.partition p
        WHERE p.backfill_id = l.backfill_id AND p.state = 'waiting'
        ORDER BY p.not_before LIMIT 1)),
      running_frontier = least(l.running_frontier, (SELECT p.claimed_at FROM backfill.partition p
        WHERE p.backfill_id = l.backfill_id AND p.state = 'running'
        ORDER BY p.claimed_at LIMIT 1))
    WHERE l.backfill_id IN (
      SELECT s.backfill_id FROM backfill.lane s
        WHERE s.searched_at < clock_timestamp() - interval '1 minute'
        ORDER BY s.backfill_id
        FOR NO KEY UPDATE SKIP LOCKED
    );
  PERFORM FROM backfill.request_budget b ORDER BY b.source_id FOR NO KEY UPDATE;
  FOR one IN
    SELECT l.* FROM backfill.lane l ORDER BY l.backfill_id FOR NO KEY UPDATE SKIP LOCKED
  LOOP
    UPDATE backfill.lane l
      SET ready_frontier = next.ready, due_frontier = next.due, running_frontier = next.running
      FROM (
        SELECT
          coalesce((SELECT p.rank FROM backfill.partition p
            WHERE p.backfill_id = one.backfill_id AND p.state = 'ready'
              AND p.rank >= one.ready_frontier
            ORDER BY p.rank LIMIT 1), 2147483647) AS ready,
          least(clock_timestamp() - interval '1 minute',
            (SELECT p.not_before FROM backfill.partition p
              WHERE p.backfill_id = one.backfill_id AND p.state = 'waiting'
                AND p.not_before >= one.due_frontier
              ORDER BY p.not_before LIMIT 1)) AS due,
          coalesce((SELECT p.claimed_at FROM backfill.partition p
            WHERE p.backfill_id = one.backfill_id AND p.state = 'running'
              AND p.claimed_at >= one.running_frontier
            ORDER BY p.claimed_at LIMIT 1), clock_timestamp()) AS running
      ) AS next
      WHERE l.backfill_id = one.backfill_id
        AND (l.ready_frontier <> next.ready
          OR l.due_frontier < next.due - interval '10 seconds'
          OR l.running_frontier < next.running - interval '1 second');
    IF FOUND THEN
      moved := moved + 1;
    END IF;
  END LOOP;
  RETURN moved;
END $$;
