-- Splitting of partitions: one whose window holds more than its source gives is replaced by smaller
-- ones, and one that takes too long ends where it has come to and leaves the rest to others.
-- Locks `partition`, `lane` and `attempt` for a moment; the index of what is ready is built anew.
-- breaking: no

-- `parent` is the partition whose window this one had a part of. The parts of a partition keep its
-- rank; among them, and theirs in turn, `place` gives the order. What was planned has the place 0,
-- and competes with none of its parts, because it has ended when they begin.
ALTER TABLE backfill.partition ADD COLUMN parent int,
  ADD COLUMN place bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT partition_parent_is_older CHECK (parent < number);
CREATE INDEX partition_by_parent ON backfill.partition (backfill_id, parent)
  WHERE parent IS NOT NULL;
DROP INDEX backfill.partition_ready;
CREATE INDEX partition_ready ON backfill.partition (backfill_id, rank, place)
  WHERE state = 'ready';
DROP INDEX backfill.partition_blocking;
CREATE INDEX partition_blocking ON backfill.partition (backfill_id, rank, place)
  WHERE state IN ('failed', 'quarantined');

-- The frontier of what is ready is a pair: within the rank nothing ready has a lower place.
ALTER TABLE backfill.lane ADD COLUMN ready_place bigint NOT NULL DEFAULT -9223372036854775808;

ALTER TABLE backfill.attempt DROP CONSTRAINT attempt_outcome_known;
ALTER TABLE backfill.attempt ADD CONSTRAINT attempt_outcome_known CHECK (outcome IN ('succeeded',
  'failed', 'rate_limited', 'lost', 'released', 'cancelled', 'replaced'));

-- Splits a partition that is held, at instants in ascending order.
--
-- Without `p_done` it is replaced by the parts between all cuts. With it, what lies before the first
-- cut is done: the partition succeeds as that, and the parts after it are new.
--
-- The backfill is locked first, then its lane, then the partition, as by an operator's order: so the
-- backfill's numbers, which no commit touches, can be changed here at once, and what is ready never
-- appears behind a frontier. Status: split; repeated (this very split is there already); fenced
-- (another holds the partition, or it was cancelled); expired (the lease ran out); too_many (the
-- backfill would have more partitions than one may). Nothing is written unless it is split.
CREATE FUNCTION backfill.split_partition(
  p_backfill bigint, p_number int, p_fence bigint, p_cuts timestamptz[], p_done boolean,
  p_kind text, p_message text, p_requests int,
  OUT status text, OUT parts int[])
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  owner record;
  part record;
  now_at timestamptz;
  last_number int;
  outcome text := CASE WHEN p_done THEN 'succeeded' ELSE 'replaced' END;
BEGIN
  SELECT b.total, b.ordering, b.mode INTO owner
    FROM backfill.backfill b WHERE b.id = p_backfill FOR NO KEY UPDATE;
  PERFORM FROM backfill.lane l WHERE l.backfill_id = p_backfill FOR NO KEY UPDATE;
  SELECT p.fence, p.state, p.rank, p.from_at, p.to_at, p.attempts, p.claimed_at, p.worker_id,
      p.batch_sequence, p.attempt_sequence, p.lease_until
    INTO part
    FROM backfill.partition p
    WHERE p.backfill_id = p_backfill AND p.number = p_number
    FOR NO KEY UPDATE;
  -- The clock is read here and not above: there it would be read before the locks were waited for.
  now_at := clock_timestamp();
  status := CASE
    WHEN part.fence = p_fence + 1 AND part.state = outcome THEN 'repeated'
    WHEN part.fence IS DISTINCT FROM p_fence OR part.state IS DISTINCT FROM 'running'
      THEN 'fenced'
    WHEN part.lease_until <= now_at THEN 'expired'
    WHEN owner.total + cardinality(p_cuts) + (NOT p_done)::int > 1000000 THEN 'too_many'
    ELSE 'split' END;
  IF status = 'repeated' THEN
    SELECT array_agg(p.number ORDER BY p.number) INTO parts
      FROM backfill.partition p WHERE p.backfill_id = p_backfill AND p.parent = p_number;
  END IF;
  IF status <> 'split' THEN
    RETURN;
  END IF;

  SELECT p.number INTO last_number
    FROM backfill.partition p WHERE p.backfill_id = p_backfill ORDER BY p.number DESC LIMIT 1;
  WITH bound AS (
    SELECT b.at, lead(b.at) OVER (ORDER BY b.turn) AS next, b.turn
      FROM unnest(CASE WHEN p_done THEN '{}' ELSE ARRAY[part.from_at] END || p_cuts || part.to_at)
        WITH ORDINALITY AS b(at, turn)
  ), made AS (
    INSERT INTO backfill.partition (backfill_id, number, rank, place, parent, from_at, to_at)
      SELECT p_backfill, last_number + b.turn, part.rank,
          (extract(epoch FROM b.at) * 1000000)::bigint
            * CASE owner.ordering WHEN 'newest' THEN -1 ELSE 1 END,
          p_number, b.at, b.next
        FROM bound b WHERE b.next IS NOT NULL
      RETURNING number
  )
  SELECT array_agg(m.number ORDER BY m.number) INTO parts FROM made m;

  UPDATE backfill.partition p
    SET state = outcome, fence = p.fence + 1, finished_at = now_at,
      to_at = CASE WHEN p_done THEN p_cuts[1] ELSE p.to_at END,
      checkpoint = CASE WHEN p_done THEN NULL ELSE p.checkpoint END,
      kind = p_kind, message = p_message, requests = p.requests + p_requests
    WHERE p.backfill_id = p_backfill AND p.number = p_number;
  -- What was rejected of a window that is read again from its beginning is met again.
  IF NOT p_done THEN
    WITH refused AS MATERIALIZED (
      SELECT r.id FROM backfill.rejection r
        WHERE r.backfill_id = p_backfill AND r.number = p_number AND r.closed_at IS NULL
        ORDER BY r.id FOR UPDATE
    )
    UPDATE backfill.rejection SET closed_at = now_at, closed_as = 'read_again'
      WHERE id IN (SELECT id FROM refused);
  END IF;
  -- What a verifying partition listed so far, its parts list anew (0011).
  IF owner.mode = 'verify' THEN
    DELETE FROM backfill.verify_key k WHERE k.backfill_id = p_backfill AND k.number = p_number;
    DELETE FROM backfill.proof_sum s WHERE s.verification = p_backfill AND s.verifier = p_number;
  END IF;
  INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
      started_at, ended_at, outcome, kind, message)
    VALUES (p_backfill, p_number, part.attempts, part.batch_sequence - part.attempt_sequence,
      p_fence, part.worker_id, part.claimed_at, now_at, outcome, p_kind, p_message);
  IF p_done OR p_requests > 0 THEN
    INSERT INTO backfill.tally (backfill_id, committed_at, succeeded, requests)
      VALUES (p_backfill, now_at, p_done::int, p_requests);
  END IF;
  UPDATE backfill.backfill b
    SET total = b.total + cardinality(parts), replaced = b.replaced + (NOT p_done)::int
    WHERE b.id = p_backfill;
  UPDATE backfill.lane l
    SET ready_frontier = least(l.ready_frontier, part.rank), ready_place = DEFAULT
    WHERE l.backfill_id = p_backfill;
  PERFORM pg_notify('backfill_work', '');
END $$;

-- Claims up to `p_room` partitions for a worker.
--
-- The sources are locked first, in order, and only then, in a statement of its own and so with a
-- newer snapshot, is counted what runs: no cap is overshot. Whoever comes second waits a moment.
-- Blocked, paused and full lanes are never searched, and within a lane the search starts at its
-- frontier. Every step is materialized, so that no plan can claim more than was asked.
-- Priority goes before fairness; lanes of one priority take turns, the one that runs least first.
CREATE OR REPLACE FUNCTION backfill.claim(p_worker bigint, p_room int, p_lease interval)
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
          PARTITION BY lane.backfill_id ORDER BY due.is_ready, due.rank, due.place) AS turn
      FROM lane
      CROSS JOIN LATERAL (
        -- What is tried again goes first; both together stay within the room of the lane.
        SELECT * FROM (
          (SELECT p.number, p.rank, p.place, false AS is_ready
            FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'waiting'
              AND p.not_before >= lane.due_frontier AND p.not_before <= now_at
            ORDER BY p.not_before
            LIMIT lane.room)
          UNION ALL
          (SELECT p.number, p.rank, p.place, true
            FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'ready'
              AND (p.rank, p.place) >= (lane.ready_frontier, lane.ready_place)
            ORDER BY p.rank, p.place
            LIMIT lane.room)
        ) AS claimable
        ORDER BY is_ready, rank, place
        LIMIT lane.room
      ) AS due
      WHERE NOT lane.strict AND lane.room > 0
    UNION ALL
    -- One at a time, in order: the first that has not ended, if it may run at all.
    SELECT lane.source_id, lane.priority, lane.backfill_id, lane.running_frontier, head.number, 1
      FROM lane
      CROSS JOIN LATERAL (
        SELECT * FROM (
          (SELECT p.number, p.rank, p.place, now_at AS due_at FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'ready'
              AND (p.rank, p.place) >= (lane.ready_frontier, lane.ready_place)
            ORDER BY p.rank, p.place LIMIT 1)
          UNION ALL
          (SELECT p.number, p.rank, p.place, p.not_before FROM backfill.partition p
            WHERE p.backfill_id = lane.backfill_id AND p.state = 'waiting'
              AND p.not_before >= lane.due_frontier
            ORDER BY p.rank, p.place LIMIT 1)
        ) AS unfinished
        ORDER BY rank, place LIMIT 1
      ) AS head
      WHERE lane.strict AND lane.running = 0 AND lane.room > 0 AND head.due_at <= now_at
        AND NOT EXISTS (SELECT FROM backfill.partition p
          WHERE p.backfill_id = lane.backfill_id AND p.state IN ('failed', 'quarantined')
            AND (p.rank, p.place) < (head.rank, head.place))
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
    ORDER BY p.backfill_id, p.rank, p.place;
END $$;

-- Moves the frontiers of the lanes up to where their work begins. Under the locks that a claim and
-- an operator's retry take, so that nothing can appear behind a frontier. What waits may be
-- committed a moment after its time was taken, hence the minute. Where that moment was longer than
-- a minute, a partition would wait for ever; so once a minute a lane is searched from its beginning,
-- and its frontiers go back to what is found. That is done before claims are locked out: to go back
-- is always safe.
CREATE OR REPLACE FUNCTION backfill.advance_frontiers() RETURNS int
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
        ORDER BY p.rank, p.place LIMIT 1)),
      ready_place = DEFAULT,
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
      SET ready_frontier = next.ready, ready_place = next.place, due_frontier = next.due,
        running_frontier = next.running
      FROM (
        SELECT coalesce(first.rank, 2147483647) AS ready,
          coalesce(first.place, 9223372036854775807) AS place,
          least(clock_timestamp() - interval '1 minute',
            (SELECT p.not_before FROM backfill.partition p
              WHERE p.backfill_id = one.backfill_id AND p.state = 'waiting'
                AND p.not_before >= one.due_frontier
              ORDER BY p.not_before LIMIT 1)) AS due,
          coalesce((SELECT p.claimed_at FROM backfill.partition p
            WHERE p.backfill_id = one.backfill_id AND p.state = 'running'
              AND p.claimed_at >= one.running_frontier
            ORDER BY p.claimed_at LIMIT 1), clock_timestamp()) AS running
          FROM (SELECT) AS always
          LEFT JOIN LATERAL (
            SELECT p.rank, p.place FROM backfill.partition p
              WHERE p.backfill_id = one.backfill_id AND p.state = 'ready'
                AND (p.rank, p.place) >= (one.ready_frontier, one.ready_place)
              ORDER BY p.rank, p.place LIMIT 1
          ) AS first ON true
      ) AS next
      WHERE l.backfill_id = one.backfill_id
        AND ((l.ready_frontier, l.ready_place) <> (next.ready, next.place)
          OR l.due_frontier < next.due - interval '10 seconds'
          OR l.running_frontier < next.running - interval '1 second');
    IF FOUND THEN
      moved := moved + 1;
    END IF;
  END LOOP;
  RETURN moved;
END $$;
