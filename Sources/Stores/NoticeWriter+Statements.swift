import Domain
import Postgres

extension NoticeWriter {
  static let openFailures = Statement<(Int64, Double), String>(
    "openFailures",
    """
    INSERT INTO backfill.notice (backfill_id, kind, settles_at)
      VALUES ($1, 'partition_failed', clock_timestamp() + make_interval(secs => $2))
      ON CONFLICT (backfill_id, kind, cause) WHERE closed_at IS NULL DO NOTHING
      RETURNING id
    """)

  // A source that asks for patience holds all its backfills; one that refuses may refuse only one.
  static let openBlocks = Statement<(Int64, String, Bool), OpenNotice>(
    "openBlocks",
    """
    INSERT INTO backfill.notice (backfill_id, kind, cause, settles_at)
      SELECT b.id, 'blocked', $2, clock_timestamp()
        FROM (
          SELECT $1 AS id
          UNION
          SELECT other.backfill_id
            FROM backfill.lane mine JOIN backfill.lane other ON other.source_id = mine.source_id
            WHERE $3 AND mine.backfill_id = $1
        ) AS b
        ORDER BY b.id
      ON CONFLICT (backfill_id, kind, cause) WHERE closed_at IS NULL DO NOTHING
      RETURNING id, backfill_id, kind
    """
  ) { row in try OpenNotice(&row) }

  static let hold = Statement<(Int64, Double), Domain.Notice.Block>(
    "findHold",
    """
    SELECT (extract(epoch FROM g.held_until) * 1000000)::bigint, coalesce(g.held_reason, '')
      FROM backfill.backfill b JOIN backfill.request_budget g ON g.source_id = b.source_id
      WHERE b.id = $1 AND g.held_until > clock_timestamp() + make_interval(secs => $2)
    """
  ) { row in
    let until = Instant(microseconds: try row.read())
    return Domain.Notice.Block(
      kind: SourceFailure.Kind.rateLimited.rawValue, message: try row.read(), until: until)
  }

  static let openEnding = Statement<(Int64, String, Double), OpenNotice>(
    "openEnding",
    """
    INSERT INTO backfill.notice (backfill_id, kind, settles_at, closed_at)
      VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), clock_timestamp())
      RETURNING id, backfill_id, kind
    """
  ) { row in try OpenNotice(&row) }

  static let lockFailures = Statement<Int64, OpenNotice>(
    "lockFailures",
    """
    SELECT id, backfill_id, kind FROM backfill.notice
      WHERE backfill_id = $1 AND kind = 'partition_failed' AND settles_at IS NOT NULL
      FOR UPDATE
    """
  ) { row in try OpenNotice(&row) }

  static let closeNotices = Statement<Int64, String>(
    "closeNotices",
    """
    UPDATE backfill.notice SET closed_at = clock_timestamp()
      WHERE backfill_id = $1 AND closed_at IS NULL RETURNING id
    """)

  static let sealNotice = Statement<(String, String, Bool), String>(
    "sealNotice",
    """
    UPDATE backfill.notice
      SET settles_at = NULL, facts = $2,
        closed_at = CASE WHEN $3 THEN clock_timestamp() ELSE closed_at END
      WHERE id = $1 RETURNING id
    """)

  static let deliver = Statement<(String, Int64, String, String?), Int32>(
    "openDeliveries",
    """
    INSERT INTO backfill.delivery (notice_id, subscription_id, next_attempt_at)
      SELECT $1, s.id, clock_timestamp()
        FROM backfill.backfill b
        JOIN backfill.subscription s ON backfill.in_scope(s, b.stream, b.tags)
        WHERE b.id = $2 AND s.retired_at IS NULL AND s.disabled_at IS NULL
          AND $3 = ANY (s.events) AND ($4::text IS NULL OR $4 <> ALL (s.events))
      RETURNING subscription_id
    """)

  static let backfillFacts = Statement<Int64, BackfillFacts>(
    "backfillFacts",
    """
    SELECT id, mode, stream, from_at, to_at, step, EXISTS (SELECT FROM backfill.partition p
          WHERE p.backfill_id = b.id AND p.parent IS NOT NULL),
        time_zone, requested_by, reason, state, total, succeeded, failed,
        skipped, replaced, quarantined, cancelled, inserted, versioned, unchanged, kept, stale,
        duplicate, rejected, outside
      FROM backfill.backfill b WHERE id = $1
    """
  ) { row in
    var facts = BackfillFacts(
      backfill: BackfillID(rawValue: try row.read()), mode: try row.readName(),
      stream: try row.read(),
      window: try Window(&row), step: try row.read(), isSplit: try row.read(),
      timeZone: try row.read(),
      requestedBy: try row.read(), reason: try row.read(), state: try row.readName(),
      partitions: PartitionCounts(), records: OutcomeCounts(), sums: [], failures: [])
    let total = Int(try row.read(Int32.self))
    for state in [
      PartitionState.succeeded, .failed, .skipped, .replaced, .quarantined, .cancelled,
    ] {
      facts.partitions[state] = Int(try row.read(Int32.self))
    }
    facts.partitions[.ready] = max(0, total - facts.partitions.total)
    for outcome in Outcome.tableOrder { facts.records[outcome] = try row.read() }
    return facts
  }

  static let failures = Statement<(Int64, Int32), BackfillFacts.Failure>(
    "failedPartitions",
    """
    SELECT number, from_at, to_at, kind, coalesce(message, kind)
      FROM backfill.partition
      WHERE backfill_id = $1 AND state = 'failed'
      ORDER BY rank, place LIMIT $2
    """
  ) { row in
    BackfillFacts.Failure(
      partition: try row.read(), window: try Window(&row), kind: try row.read(),
      message: try row.read())
  }
}
