import Domain
import Postgres

// Where partitions are found by their number, `state || ''` keeps the plan from the partial index of
// what runs: at full rate that holds thousands of dead entries, and walking them took half of the
// time: 20,000 partitions a second with it, 26,500 without (two cores of an EPYC, 2026-11-20).
extension PartitionStore {
  static let claim = Statement<(Int64, Int32, Double), ClaimedPartition>(
    "claimPartitions",
    """
    SELECT backfill_id, number, fence, from_at, to_at, checkpoint, batch_sequence, attempts,
      failures, read, rejected, claimed_at
    FROM backfill.claim($1, $2, make_interval(secs => $3))
    """
  ) { row in
    ClaimedPartition(
      id: try PartitionID(&row), fence: try row.read(), window: try Window(&row),
      checkpoint: try row.read(), batchSequence: try row.read(), attempt: try row.read(),
      failures: try row.read(), read: try row.read(), rejected: try row.read(),
      claimedAt: Instant(try row.read()))
  }

  static let renew = Statement<([Int64], [Int32], [Int64], Double, Int64), LeaseStanding>(
    "renewLeases",
    """
    WITH up AS MATERIALIZED (
      SELECT pg_postmaster_start_time() + make_interval(secs => $4) > clock_timestamp() AS short
    ), held AS MATERIALIZED (
      SELECT p.backfill_id, p.number, i.fence,
          p.fence = i.fence AND p.state = 'running' AS owned,
          p.lease_until > clock_timestamp() OR up.short AS live
        FROM up CROSS JOIN unnest($1::bigint[], $2::int[], $3::bigint[]) AS i(backfill_id, number, fence)
        JOIN backfill.partition p ON p.backfill_id = i.backfill_id AND p.number = i.number
    ), locked AS MATERIALIZED (
      SELECT p.backfill_id, p.number
        FROM held JOIN backfill.partition p
          ON p.backfill_id = held.backfill_id AND p.number = held.number
        WHERE held.owned AND held.live AND p.fence = held.fence AND p.state || '' = 'running'
          AND (p.lease_until > clock_timestamp() OR (SELECT short FROM up))
        FOR NO KEY UPDATE OF p SKIP LOCKED
    ), renewed AS (
      UPDATE backfill.partition p
        SET lease_until = clock_timestamp() + make_interval(secs => $4)
        FROM locked WHERE p.backfill_id = locked.backfill_id AND p.number = locked.number
    ), worker AS (
      UPDATE backfill.worker w SET heartbeat_at = clock_timestamp() WHERE w.id = $5
    )
    SELECT held.backfill_id, held.number, held.fence, held.owned, held.live,
        coalesce(l.paused, false),
        (extract(epoch FROM b.held_until - clock_timestamp()) * 1000000)::bigint, b.held_reason
      FROM held LEFT JOIN backfill.lane l ON l.backfill_id = held.backfill_id
      LEFT JOIN backfill.request_budget b
        ON b.source_id = l.source_id AND b.held_until > clock_timestamp()
    """
  ) { row in
    let held = HeldPartition(id: try PartitionID(&row), fence: try row.read())
    let (isOwned, isLive): (Bool, Bool) = (try row.read(), try row.read())
    return LeaseStanding(
      held: held, claim: !isOwned ? .lost : isLive ? .held : .expired, isPaused: try row.read(),
      patience: try row.read(), patienceReason: try row.read())
  }

  static let claims = Statement<Int64, ClaimOnRecord>(
    "findClaims",
    """
    SELECT p.backfill_id, p.number, p.fence, p.failures
      FROM backfill.lane l
      JOIN backfill.partition p ON p.backfill_id = l.backfill_id
      WHERE p.state = 'running' AND p.claimed_at >= l.running_frontier AND p.worker_id = $1
    """
  ) { row in
    ClaimOnRecord(
      held: HeldPartition(id: try PartitionID(&row), fence: try row.read()),
      failures: try row.read())
  }

  static let end = Statement<[AttemptEnd], PartitionID>(
    "endAttempts",
    """
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[],
        $6::text[], $7::text[], $8::bigint[], $9::int[], $10::int[], $11::boolean[], $12::boolean[])
        AS i(backfill_id, number, fence, outcome, kind, message, state, delay, failures, requests,
          must_be_expired, is_blocking)
    ), held AS MATERIALIZED (
      SELECT p.backfill_id, p.number
        FROM input i
        JOIN backfill.partition p ON p.backfill_id = i.backfill_id AND p.number = i.number
        WHERE p.fence = i.fence AND p.state || '' = 'running'
          AND (NOT i.must_be_expired OR p.lease_until < clock_timestamp())
        ORDER BY p.backfill_id, p.number
        FOR NO KEY UPDATE OF p
    ), ended AS (
      UPDATE backfill.partition p
        SET state = i.state, fence = p.fence + 1, failures = i.failures, kind = i.kind,
          message = i.message, requests = p.requests + i.requests,
          -- A source that never ended has led to a checkpoint that may lie behind what it left out.
          checkpoint = CASE WHEN i.kind = 'endless' THEN NULL ELSE p.checkpoint END,
          not_before = CASE WHEN i.state = 'waiting'
            THEN clock_timestamp() + i.delay * interval '1 microsecond' END,
          finished_at = CASE WHEN i.state = 'failed' THEN clock_timestamp() END
        FROM held
        JOIN input i ON i.backfill_id = held.backfill_id AND i.number = held.number
        WHERE p.backfill_id = held.backfill_id AND p.number = held.number
        RETURNING p.*, i.outcome, i.fence AS held_fence, i.requests AS spent, i.is_blocking
    ), history AS (
      INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
          started_at, ended_at, outcome, kind, message)
        SELECT backfill_id, number, attempts, batch_sequence - attempt_sequence, held_fence,
            worker_id, claimed_at, clock_timestamp(), outcome, kind, message
          FROM ended
    ), tallied AS (
      INSERT INTO backfill.tally (backfill_id, committed_at, failed, requests, blocks)
        SELECT backfill_id, clock_timestamp(), count(*) FILTER (WHERE state = 'failed'), sum(spent),
            jsonb_object_agg(kind, jsonb_build_object('message', message, 'until',
              (extract(epoch FROM not_before) * 1000000)::bigint)) FILTER (WHERE is_blocking)
          FROM ended GROUP BY backfill_id
          HAVING count(*) FILTER (WHERE state = 'failed') + sum(spent) > 0 OR bool_or(is_blocking)
    )
    SELECT backfill_id, number FROM ended
    """,
    parameters: { ends, parameters in
      try parameters.append(ends.map(\.held.id.backfill.rawValue))
      try parameters.append(ends.map(\.held.id.number))
      try parameters.append(ends.map(\.held.fence))
      try parameters.append(ends.map(\.outcome.rawValue))
      try parameters.append(ends.map(\.kind))
      try parameters.append(ends.map { $0.message.map(storable) })
      try parameters.append(ends.map(\.next.state.rawValue))
      try parameters.append(ends.map(\.next.delay))
      try parameters.append(ends.map(\.failures))
      try parameters.append(ends.map(\.requests))
      try parameters.append(ends.map { $0.outcome == .lost })
      try parameters.append(ends.map(\.isBlocking))
    }
  ) { row in try PartitionID(&row) }

  static let complete = Statement<([Int64], [Int32], [Int64], [Int32]), PartitionID>(
    "completeEmpty",
    """
    WITH input AS MATERIALIZED (
      SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::int[])
        AS i(backfill_id, number, fence, requests)
    ), held AS MATERIALIZED (
      SELECT p.backfill_id, p.number, i.requests
        FROM input i
        JOIN backfill.partition p ON p.backfill_id = i.backfill_id AND p.number = i.number
        WHERE p.fence = i.fence AND p.state || '' = 'running'
          AND p.lease_until > clock_timestamp()
        ORDER BY p.backfill_id, p.number
        FOR NO KEY UPDATE OF p
    ), ended AS (
      UPDATE backfill.partition p
        SET state = 'succeeded', finished_at = clock_timestamp(), kind = NULL, message = NULL,
          checkpoint = NULL, requests = p.requests + held.requests
        FROM held
        -- Asked again: the clock went on while locks were waited for.
        WHERE p.backfill_id = held.backfill_id AND p.number = held.number
          AND p.lease_until > clock_timestamp()
        RETURNING p.*, held.requests AS spent
    ), history AS (
      INSERT INTO backfill.attempt (backfill_id, number, attempt, batches, fence, worker_id,
          started_at, ended_at, outcome)
        SELECT backfill_id, number, attempts, batch_sequence - attempt_sequence, fence, worker_id,
            claimed_at, finished_at, 'succeeded'
          FROM ended
    ), tallied AS (
      INSERT INTO backfill.tally (backfill_id, committed_at, succeeded, requests)
        SELECT backfill_id, clock_timestamp(), count(*), sum(spent) FROM ended GROUP BY backfill_id
    )
    SELECT backfill_id, number FROM ended
    """
  ) { row in try PartitionID(&row) }

  static let lost = Statement<(Int32, Double), LostPartition>(
    "findLostPartitions",
    """
    SELECT p.backfill_id, p.number, p.fence, p.failures,
        p.batch_sequence > p.attempt_sequence, p.worker_id, w.name, b.stream,
        b.definition
      FROM backfill.lane l
      JOIN backfill.backfill b ON b.id = l.backfill_id
      CROSS JOIN LATERAL (
        SELECT * FROM backfill.partition p
          WHERE p.backfill_id = l.backfill_id AND p.state = 'running'
            AND p.claimed_at >= l.running_frontier AND p.lease_until < clock_timestamp()
      ) AS p
      LEFT JOIN backfill.worker w ON w.id = p.worker_id
      WHERE pg_postmaster_start_time() + make_interval(secs => $2) < clock_timestamp()
      LIMIT $1
    """
  ) { row in
    LostPartition(
      held: HeldPartition(id: try PartitionID(&row), fence: try row.read()),
      failures: try row.read(), madeProgress: try row.read(),
      worker: WorkerID(rawValue: try row.read()), workerName: try row.read(),
      stream: try row.read(), definition: try row.read())
  }

  static let repeatedlyLost = Statement<([Int64], [Int32]), PartitionID>(
    "findRepeatedlyLost",
    """
    SELECT i.backfill_id, i.number
      FROM unnest($1::bigint[], $2::int[]) AS i(backfill_id, number)
      WHERE (SELECT count(*) FILTER (WHERE a.outcome = 'lost') = 2
        FROM (
          SELECT h.outcome FROM backfill.attempt h
            WHERE h.backfill_id = i.backfill_id AND h.number = i.number
              AND h.outcome NOT IN ('released', 'rate_limited')
            ORDER BY h.attempt DESC LIMIT 2
        ) AS a)
    """
  ) { row in try PartitionID(&row) }

  static let due = Statement<(), Timestamp?>(
    "nextDue",
    """
    SELECT min(greatest(b.held_until, due.at))
      FROM backfill.lane l
      JOIN backfill.request_budget b ON b.source_id = l.source_id
      CROSS JOIN LATERAL (
        SELECT p.not_before AS at FROM backfill.partition p
          WHERE p.backfill_id = l.backfill_id AND p.state = 'waiting'
            AND p.not_before >= l.due_frontier
          ORDER BY p.not_before LIMIT 1
      ) AS due
      WHERE NOT l.paused
    """
  ) { row in try row.read() }
}
