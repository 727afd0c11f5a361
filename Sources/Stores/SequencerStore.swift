import Domain
public import Postgres

/// Folds what was committed into the numbers that are kept, and gives batches their order.
///
/// All of a pass happens in one transaction under the lock of the sequencer's row: one process of
/// the fleet folds at a time, and a process that dies leaves nothing behind. Tallies are folded in
/// the order of their numbers, and whoever waits for another's commit draws a higher number than
/// it: so positions follow the order in which the batches of a partition, and the versions of a
/// document, were committed.
public struct SequencerStore: Sendable {
  private let pool: Pool
  private let notices: NoticeWriter

  /// A store on a pool; what partitions fail is told after so many quiet seconds, all at once.
  public init(pool: Pool, quietSeconds: Double = 60) {
    self.pool = pool
    notices = NoticeWriter(quietSeconds: quietSeconds)
  }

  /// Folds up to `limit` tallies, ends the backfills that are done, and writes the notices of all
  /// that.
  ///
  /// Nil when another process is folding. A process that is stopped meanwhile loses its session,
  /// and with it the lock, after three seconds: well within a lease, and within what an operator's
  /// order that waits for the pass can bear.
  public func fold(limit: Int) async throws(PostgresError) -> FoldPass? {
    try await pool.withTransaction { connection throws(PostgresError) in
      guard let head = try await connection.query(Self.lock).first else { return nil }
      let folded = try await connection.query(
        Self.foldTallies, (head.tallyFrom, Int32(clamping: limit), head.position))
      let tallies = folded.reduce(0) { $0 + Int($1.tallies) }
      let last = folded.map(\.lastTally).max()
      if last != nil || head.isBehind {
        // Where there was more than the limit, what comes next is known to be there.
        let end = tallies < limit ? Int64.max : last ?? 0
        let batches = folded.reduce(0) { $0 + $1.batches }
        try await connection.execute(
          Self.move, (batches, head.isSettled, end, head.lastDrawn))
      }
      var pass = FoldPass(tallies: tallies, ended: [], blocked: [])
      for backfill in folded where !backfill.state.isTerminal {
        pass.blocked += try await notices.writeFailures(of: backfill, on: connection)
        if let written = backfill.written {
          _ = try await connection.query(
            Self.voidVerified, (backfill.id.rawValue, written.numbers, Timestamp(written.last)))
        }
        if backfill.isDone { pass.ended.append(try await finish(backfill, on: connection)) }
      }
      return pass
    }
  }

  /// Notes why a pass failed, so that whoever wonders why nothing is counted finds it; the next pass
  /// that goes well takes it back.
  public func noteFailure(_ message: String) async throws(PostgresError) {
    _ = try await pool.query(Self.noteFailure, (storable(message)))
  }

  private func finish(
    _ backfill: FoldedBackfill, on connection: Connection
  ) async throws(PostgresError) -> FoldPass.Ended {
    let state = BackfillState.fold(.run, backfill.counts)
    _ = try await connection.query(Self.finish, (backfill.id.rawValue, state.rawValue))
    // What was asked for with the load begins with its end, or neither happens.
    _ = try await connection.query(Self.verifyFinished, (backfill.id.rawValue))
    try await notices.writeEnding(of: backfill.id, on: connection)
    return FoldPass.Ended(
      id: backfill.id, stream: backfill.stream, state: state, partitions: backfill.counts,
      records: backfill.records)
  }

  /// Moves the lanes' frontiers; see `backfill.advance_frontiers`.
  public func advanceFrontiers() async throws(PostgresError) {
    _ = try await pool.query(Self.advance, ())
  }

  // What the pass sets for its transaction: how long it may be stopped, and that batches are looked up
  // one by one. Over many days of history the planner, which does not foresee that for each batch all
  // days but one are passed over, would rather read the batches of all days.
  //
  // The last number drawn is read before the lock gives this transaction its own number: whoever drew
  // it or one below had one before, and has a lower one.
  static let lock = Statement<(), SequencerHead>(
    "lockSequencer",
    """
    WITH drawn AS MATERIALIZED (
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM backfill.tally_id_seq
    )
    SELECT s.position, s.tally_from,
        s.tally_from <= s.tally_seen OR s.tally_seen < drawn.last OR s.failure IS NOT NULL,
        s.seen_before <= pg_snapshot_xmin(pg_current_snapshot()), drawn.last
      FROM backfill.sequencer s
      CROSS JOIN drawn
      CROSS JOIN set_config('idle_in_transaction_session_timeout', '3s', true) AS timeout
      CROSS JOIN set_config('enable_seqscan', 'off', true) AS seqscan
      CROSS JOIN set_config('enable_hashjoin', 'off', true) AS hashjoin
      CROSS JOIN set_config('enable_mergejoin', 'off', true) AS mergejoin
      FOR UPDATE OF s SKIP LOCKED
    """
  ) { row in
    SequencerHead(
      position: try row.read(), tallyFrom: try row.read(), isBehind: try row.read(),
      isSettled: try row.read(), lastDrawn: try row.read())
  }

  static let move = Statement<(Int64, Bool, Int64, Int64), Void>(
    "moveSequencer",
    """
    UPDATE backfill.sequencer
      SET position = position + $1,
        tally_from = CASE WHEN $2 THEN greatest(tally_from, least(tally_seen, $3) + 1)
          ELSE tally_from END,
        tally_seen = CASE WHEN $2 THEN $4 ELSE tally_seen END,
        seen_before = CASE WHEN $2 THEN pg_current_xact_id() ELSE seen_before END,
        failed_at = NULL, failure = NULL
    """)

  // Whoever folds at the moment holds the row, and will say how that went; and the same is written
  // again only after a while.
  static let noteFailure = Statement<String, Bool>(
    "noteFoldFailure",
    """
    WITH head AS MATERIALIZED (
      SELECT is_one FROM backfill.sequencer
        WHERE failure IS DISTINCT FROM $1 OR failed_at < clock_timestamp() - interval '30 seconds'
        FOR UPDATE SKIP LOCKED
    )
    UPDATE backfill.sequencer SET failure = $1, failed_at = clock_timestamp()
      WHERE is_one IN (SELECT is_one FROM head) RETURNING is_one
    """)

  static let advance = Statement<(), Int32>(
    "advanceFrontiers", "SELECT backfill.advance_frontiers()"
  ) { row in try row.read() }

  static let finish = Statement<(Int64, String), Int64>(
    "finishBackfill",
    """
    WITH lane AS (
      DELETE FROM backfill.lane WHERE backfill_id = $1
    ), listed AS (
      DELETE FROM backfill.verify_key WHERE backfill_id = $1
    )
    UPDATE backfill.backfill SET state = $2, finished_at = clock_timestamp()
      WHERE id = $1 RETURNING id
    """)

  static let verifyFinished = Statement<Int64, Int64?>(
    "verifyFinished",
    """
    SELECT backfill.submit_verification(b.id, NULL, b.verify_by, b.requested_by,
        format('To verify backfill %s.', b.id))
      FROM backfill.backfill b
      WHERE b.id = $1 AND b.mode = 'load' AND b.verify_by IS NOT NULL
        AND b.state IN ('succeeded', 'partially_failed')
    """
  ) { row in try row.read() }

  // Evidence is about a stretch of time; whatever is written into it later voids it.
  static let voidVerified = Statement<(Int64, [Int32], Timestamp), Int64>(
    "voidVerified",
    """
    WITH written AS MATERIALIZED (
      SELECT b.stream_id, range_agg(tstzrange(p.from_at, p.to_at)) AS span
        FROM backfill.backfill b
        JOIN backfill.partition p ON p.backfill_id = b.id
        WHERE b.id = $1 AND p.number = ANY ($2)
        GROUP BY b.stream_id
    ), chosen AS MATERIALIZED (
      SELECT p.backfill_id, p.number
        FROM written w
        JOIN backfill.backfill b ON b.stream_id = w.stream_id
        CROSS JOIN LATERAL (
          SELECT v.* FROM backfill.partition v
            WHERE v.backfill_id = b.id AND v.verified_at IS NOT NULL AND v.verified_at < $3
              AND v.from_at < upper(w.span) AND w.span && tstzrange(v.from_at, v.to_at)
        ) AS p
        ORDER BY p.backfill_id, p.number
    ), voided AS (
      UPDATE backfill.partition p SET verified_at = NULL
        FROM chosen c
        WHERE p.backfill_id = c.backfill_id AND p.number = c.number AND p.verified_at < $3
        RETURNING p.backfill_id
    )
    UPDATE backfill.backfill b SET verified = b.verified - v.count
      FROM (SELECT backfill_id, count(*) AS count FROM voided GROUP BY backfill_id) AS v
      WHERE b.id = v.backfill_id
      RETURNING b.id
    """)

  static let foldTallies = Statement<(Int64, Int32, Int64), FoldedBackfill>(
    "foldTallies",
    """
    WITH drained AS MATERIALIZED (
      DELETE FROM backfill.tally WHERE id IN (
        SELECT id FROM backfill.tally WHERE id >= $1 ORDER BY id LIMIT $2)
      RETURNING *
    ), numbered AS MATERIALIZED (
      SELECT d.*, $3 + count(d.batch_sequence) OVER (ORDER BY d.id) AS position
        FROM drained d
    ), positioned AS (
      UPDATE backfill.batch b SET position = n.position
        FROM numbered n
        WHERE n.batch_sequence IS NOT NULL AND b.backfill_id = n.backfill_id
          AND b.number = n.batch_number AND b.sequence = n.batch_sequence
          AND b.committed_at = n.committed_at
    ), sums AS MATERIALIZED (
      SELECT n.backfill_id, m->>0 AS name, (m->>1)::date AS day, m->>2 AS currency,
          sum((m->>3)::numeric) AS amount, sum((m->>4)::bigint)::bigint AS records
        FROM numbered n, jsonb_array_elements(n.measures) AS m
        GROUP BY 1, 2, 3, 4
    ), by_stream AS (
      INSERT INTO backfill.measure AS kept (stream_id, day, name, currency, amount, records)
        SELECT b.stream_id, s.day, s.name, s.currency, sum(s.amount), sum(s.records)::bigint
          FROM sums s JOIN backfill.backfill b ON b.id = s.backfill_id
          GROUP BY 1, 2, 3, 4
        ON CONFLICT (stream_id, name, currency, day) DO UPDATE
          SET amount = kept.amount + excluded.amount, records = kept.records + excluded.records
    ), by_backfill AS (
      INSERT INTO backfill.backfill_measure AS kept (backfill_id, day, name, currency, amount,
          records)
        SELECT s.backfill_id, s.day, s.name, s.currency, s.amount, s.records FROM sums s
        ON CONFLICT (backfill_id, name, currency, day) DO UPDATE
          SET amount = kept.amount + excluded.amount, records = kept.records + excluded.records
    ), totals AS MATERIALIZED (
      SELECT backfill_id, count(*) AS tallies, count(batch_sequence) AS batches,
          max(id) AS last_tally,
          sum(succeeded) AS succeeded, sum(failed) AS failed, sum(read) AS read,
          sum(inserted) AS inserted, sum(versioned) AS versioned, sum(unchanged) AS unchanged,
          sum(kept) AS kept, sum(stale) AS stale, sum(duplicate) AS duplicate,
          sum(rejected) AS rejected, sum(outside) AS outside, sum(requests) AS requests,
          sum(verified) AS verified,
          array_agg(DISTINCT batch_number) FILTER (WHERE inserted + versioned > 0
            AND batch_number IS NOT NULL) AS written,
          max(committed_at) FILTER (WHERE inserted + versioned > 0) AS last_written
        FROM numbered GROUP BY backfill_id
    ), blocked AS MATERIALIZED (
      SELECT n.backfill_id, jsonb_object_agg(b.key, b.value) AS blocks
        FROM numbered n, jsonb_each(n.blocks) AS b GROUP BY n.backfill_id
    ), folded AS (
      UPDATE backfill.backfill b
        SET started_at = coalesce(b.started_at, clock_timestamp()),
          succeeded = b.succeeded + t.succeeded, failed = b.failed + t.failed,
          read = b.read + t.read, inserted = b.inserted + t.inserted,
          versioned = b.versioned + t.versioned, unchanged = b.unchanged + t.unchanged,
          kept = b.kept + t.kept, stale = b.stale + t.stale,
          duplicate = b.duplicate + t.duplicate, rejected = b.rejected + t.rejected,
          outside = b.outside + t.outside, requests = b.requests + t.requests,
          verified = b.verified + t.verified
        FROM totals t WHERE b.id = t.backfill_id
        RETURNING b.*, t.tallies, t.batches, t.last_tally, t.failed AS failures, t.written,
          t.last_written
    )
    SELECT f.id, f.tallies, f.batches, f.last_tally, f.stream, f.state, f.total, f.succeeded,
        f.failed, f.skipped, f.replaced, f.quarantined, f.cancelled, f.inserted, f.versioned,
        f.unchanged, f.kept, f.stale, f.duplicate, f.rejected, f.outside, f.failures,
        k.blocks::text, f.written, f.last_written
      FROM folded f LEFT JOIN blocked k ON k.backfill_id = f.id ORDER BY f.id
    """
  ) { row in try FoldedBackfill(&row) }
}

/// How far the sequencer came.
struct SequencerHead: Sendable {
  /// The last position that a batch was given.
  var position: Int64
  /// No tally of a lower number will ever appear.
  var tallyFrom: Int64
  /// Whether `tallyFrom` may be moved even if nothing is folded.
  var isBehind: Bool
  /// Whether every transaction has ended that was under way when the numbers drawn were last noted.
  var isSettled: Bool
  /// The last number that was drawn.
  var lastDrawn: Int64
}
