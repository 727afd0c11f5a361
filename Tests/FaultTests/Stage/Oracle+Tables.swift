extension Oracle {
  /// Sentences of what must never be, and queries that give a row for each place where it is.
  static let always = [
    (
      "a partition's batches are not numbered 1, 2, 3 …",
      """
      SELECT p::text FROM (
          SELECT p.backfill_id, p.number, p.batch_sequence, count(b.id) AS batches,
              count(DISTINCT b.sequence) AS numbers, coalesce(max(b.sequence), 0) AS last
            FROM backfill.partition p LEFT JOIN backfill.batch b
              ON b.backfill_id = p.backfill_id AND b.number = p.number
            GROUP BY 1, 2, 3) AS p
        WHERE p.batches <> p.batch_sequence OR p.numbers <> p.batches OR p.last <> p.batches
      """
    ),
    (
      "a batch does not begin where the one before it ended",
      """
      SELECT b::text FROM (
          SELECT backfill_id, number, sequence, cursor_from, cursor_to,
              lag(cursor_to) OVER one AS before
            FROM backfill.batch WINDOW one AS (PARTITION BY backfill_id, number ORDER BY sequence)
        ) AS b
        WHERE b.cursor_from IS DISTINCT FROM b.before
          -- What never ended is read from its beginning again.
          AND NOT (b.cursor_from IS NULL AND EXISTS (SELECT FROM backfill.attempt a
            WHERE a.backfill_id = b.backfill_id AND a.number = b.number AND a.kind = 'endless'))
      """
    ),
    (
      "a checkpoint is not where the last batch ended",
      """
      SELECT p.backfill_id || '/' || p.number FROM backfill.partition p
        JOIN backfill.batch b ON b.backfill_id = p.backfill_id AND b.number = p.number
          AND b.sequence = p.batch_sequence
        WHERE p.checkpoint IS DISTINCT FROM b.cursor_to
          AND NOT (p.checkpoint IS NULL AND (p.state = 'succeeded' OR p.kind = 'endless'))
      """
    ),
    (
      "a fence decreases",
      """
      SELECT b::text FROM (
          SELECT b.backfill_id, b.number, b.sequence, b.fence, p.fence AS last,
              lag(b.fence) OVER (PARTITION BY b.backfill_id, b.number ORDER BY b.sequence) AS before
            FROM backfill.batch b JOIN backfill.partition p
              ON p.backfill_id = b.backfill_id AND p.number = b.number
        ) AS b
        WHERE b.fence < b.before OR b.fence > b.last
      """
    ),
    (
      "a partition's counters are not the sums of its batches",
      """
      SELECT p.backfill_id || '/' || p.number
        FROM backfill.partition p LEFT JOIN backfill.batch b
          ON b.backfill_id = p.backfill_id AND b.number = p.number
        GROUP BY p.backfill_id, p.number
        HAVING (p.read, p.inserted, p.versioned, p.unchanged, p.kept, p.stale, p.duplicate,
            p.rejected, p.outside)
          IS DISTINCT FROM (coalesce(sum(b.read), 0), coalesce(sum(b.inserted), 0),
            coalesce(sum(b.versioned), 0), coalesce(sum(b.unchanged), 0), coalesce(sum(b.kept), 0),
            coalesce(sum(b.stale), 0), coalesce(sum(b.duplicate), 0), coalesce(sum(b.rejected), 0),
            coalesce(sum(b.outside), 0))
      """
    ),
    (
      "a document was written by a batch that was not committed",
      """
      SELECT d.key FROM backfill.document d
        WHERE NOT EXISTS (SELECT FROM backfill.batch b WHERE b.id = d.batch_id)
      """
    ),
    (
      "a document's hash is not that of its bytes",
      "SELECT key FROM backfill.document WHERE payload_hash <> sha256(convert_to(payload, 'UTF8'))"
    ),
    (
      "the versions of a document have a gap",
      """
      SELECT d.key FROM backfill.document d LEFT JOIN backfill.document_version v
          ON v.stream_id = d.stream_id AND v.key = d.key
        GROUP BY d.stream_id, d.key HAVING count(v.version) <> d.version - 1
      """
    ),
    (
      "an attempt has two ends",
      """
      SELECT backfill_id || '/' || number || ' attempt ' || attempt FROM backfill.attempt
        GROUP BY backfill_id, number, attempt HAVING count(*) > 1
      """
    ),
  ]

  /// The same for when every backfill has ended and everything is folded.
  static let atTheEnd = [
    (
      "a partition has not ended",
      """
      SELECT backfill_id || '/' || number || ' ' || state FROM backfill.partition
        WHERE state IN ('waiting', 'ready', 'running')
      """
    ),
    (
      "a claim has no attempt in the history",
      """
      SELECT p.backfill_id || '/' || p.number || ': ' || p.attempts || ' claims, '
          || count(a.attempt) || ' attempts'
        FROM backfill.partition p LEFT JOIN backfill.attempt a
          ON a.backfill_id = p.backfill_id AND a.number = p.number
        GROUP BY p.backfill_id, p.number HAVING p.attempts <> count(a.attempt)
      """
    ),
    (
      "a backfill's counters are not the sums of its batches",
      """
      SELECT b.id::text FROM backfill.backfill b LEFT JOIN backfill.batch c ON c.backfill_id = b.id
        GROUP BY b.id
        HAVING (b.read, b.inserted, b.versioned, b.unchanged, b.kept, b.stale, b.duplicate,
            b.rejected, b.outside)
          IS DISTINCT FROM (coalesce(sum(c.read), 0), coalesce(sum(c.inserted), 0),
            coalesce(sum(c.versioned), 0), coalesce(sum(c.unchanged), 0), coalesce(sum(c.kept), 0),
            coalesce(sum(c.stale), 0), coalesce(sum(c.duplicate), 0), coalesce(sum(c.rejected), 0),
            coalesce(sum(c.outside), 0))
      """
    ),
    (
      "a backfill's partitions are counted wrong",
      """
      SELECT b.id::text FROM backfill.backfill b JOIN backfill.partition p ON p.backfill_id = b.id
        GROUP BY b.id
        HAVING (b.total, b.succeeded, b.replaced, b.failed, b.cancelled, b.requests)
          IS DISTINCT FROM (count(*), count(*) FILTER (WHERE p.state = 'succeeded'),
            count(*) FILTER (WHERE p.state = 'replaced'),
            count(*) FILTER (WHERE p.state = 'failed'),
            count(*) FILTER (WHERE p.state = 'cancelled'), sum(p.requests))
      """
    ),
    (
      "the positions of batches are not 1, 2, 3 …",
      """
      SELECT count(*) || ' batches, ' || count(DISTINCT position) || ' positions up to '
          || max(position)
        FROM backfill.batch
        HAVING count(*) <> count(DISTINCT position) OR count(*) <> coalesce(max(position), 0)
      """
    ),
    (
      "the positions of a partition's batches are out of order",
      """
      SELECT b::text FROM (
          SELECT backfill_id, number, sequence, position,
              lag(position) OVER (PARTITION BY backfill_id, number ORDER BY sequence) AS before
            FROM backfill.batch) AS b
        WHERE b.position <= b.before
      """
    ),
    (
      "a lane is left although its backfill has ended",
      "SELECT backfill_id::text FROM backfill.lane"
    ),
  ]
}
