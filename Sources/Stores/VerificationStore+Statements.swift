import Domain
import Postgres

extension VerificationStore {
  static let submit = Statement<(Int64, String?, Int32, String, String?), Int64?>(
    "submitVerification", "SELECT backfill.submit_verification($1, $2, $3, $4, $5)"
  ) { row in try row.read() }

  static let begin = Statement<(Int64, Int32, Int64), Int64?>(
    "beginVerification", "SELECT backfill.begin_verification($1, $2, $3)"
  ) { row in try row.read() }

  static let storeTotals = Statement<
    (Int32, Timestamp, Timestamp),
    (name: String?, currency: String?, amount: String?, records: Int64)
  >(
    "sumStore", "SELECT name, currency, amount, records FROM backfill.store_totals($1, $2, $3)"
  ) { row in (try row.read(), try row.read(), try row.read(), try row.read()) }

  // A document that has become what was listed is looked at once more.
  static let suspects = Statement<(Int64, Int32, Int32, String?, Bool, Int32), SuspectRow>(
    "listSuspects",
    """
    SELECT v.key, v.is_rejected, CASE WHEN d.payload_hash = v.hash THEN 'same' ELSE v.standing END,
        v.standing = 'unlisted' AND EXISTS (SELECT FROM backfill.verify_key o
          WHERE o.backfill_id = $1 AND o.key = v.key AND o.number <> $2
            AND o.standing IN ('other', 'older'))
      FROM backfill.verify_key v
      LEFT JOIN LATERAL (
        SELECT d.payload_hash FROM backfill.document d
          WHERE d.stream_id = $3 AND d.key = v.key AND v.hash IS NOT NULL OFFSET 0
      ) AS d ON true
      WHERE v.backfill_id = $1 AND v.number = $2 AND v.standing <> 'same'
        AND ($4::text IS NULL OR (v.key, v.is_rejected) > ($4 COLLATE "C", $5::boolean))
      ORDER BY v.key, v.is_rejected LIMIT $6
    """,
    parameters: { input, parameters in
      try parameters.append(input.0)
      try parameters.append(input.1)
      try parameters.append(input.2)
      try parameters.append(input.3)
      try parameters.append(input.4)
      try parameters.append(input.5)
    }
  ) { row in try SuspectRow(&row) }

  static let daySums = Statement<(Int64, Int32), DaySum>(
    "listDaySums",
    """
    WITH explained AS (
      SELECT e.value->>0 AS name, (e.value->>1)::date AS day, e.value->>2 AS currency,
          sum((e.value->>3)::numeric * m.sign) AS amount
        FROM backfill.verify_key v
        CROSS JOIN LATERAL (VALUES (v.source_measures, -1), (v.store_measures, 1)) AS m(text, sign)
        CROSS JOIN LATERAL jsonb_array_elements(m.text::jsonb) AS e(value)
        WHERE v.backfill_id = $1 AND v.number = $2 AND v.verdict <> 'equal'
        GROUP BY 1, 2, 3
    ), settled AS (
      SELECT bool_or(store_amount IS NOT NULL) AS some FROM backfill.proof_sum
        WHERE verification = $1 AND verifier = $2
    )
    SELECT s.name, s.day::text, s.currency, s.source_amount::text,
        CASE WHEN s.store_amount IS NULL AND settled.some THEN '0' ELSE s.store_amount::text END,
        coalesce(x.amount, 0)::text
      FROM backfill.proof_sum s
      CROSS JOIN settled
      LEFT JOIN explained x ON x.name = s.name AND x.day = s.day AND x.currency = s.currency
      WHERE s.verification = $1 AND s.verifier = $2
      ORDER BY s.day, s.name, s.currency
    """
  ) { row in try DaySum(&row) }

  static let verdicts = Statement<VerificationStep, String>(
    "commitVerdicts", "SELECT backfill.commit_verdicts($1, $2, $3, $4, $5, $6, $7, $8)",
    parameters: { step, parameters in
      try append(step, to: &parameters)
      try parameters.append(step.verdicts.map(\.place.key))
      try parameters.append(step.verdicts.map(\.place.isRejected))
      try parameters.append(step.verdicts.map(\.verdict.rawValue))
    }
  ) { row in try row.read() }

  static let conclude = Statement<VerificationStep, String>(
    "concludeVerification", "SELECT backfill.conclude_verification($1, $2, $3, $4, $5)",
    parameters: { step, parameters in try append(step, to: &parameters) }
  ) { row in try row.read() }

  private static func append(
    _ step: VerificationStep, to parameters: inout Parameters
  ) throws(PostgresError) {
    try parameters.append(step.held.id.backfill.rawValue)
    try parameters.append(step.held.id.number)
    try parameters.append(step.held.fence)
    try parameters.append(step.sequence)
    try parameters.append(step.header)
  }

  static let proof = Statement<Int64, ProofFacts>(
    "findProof",
    """
    SELECT count(*), count(*) FILTER (WHERE is_equal), coalesce(sum(source_records), 0)::bigint,
        coalesce(sum(store_records), 0)::bigint, coalesce(sum(missing), 0)::bigint,
        coalesce(sum(gone), 0)::bigint, coalesce(sum(different), 0)::bigint,
        coalesce(sum(kept), 0)::bigint, coalesce(sum(stale), 0)::bigint,
        coalesce(sum(moved), 0)::bigint, coalesce(sum(refused), 0)::bigint,
        coalesce(sum(unsettled), 0)::bigint
      FROM backfill.proof WHERE verification = $1
    """
  ) { row in
    let (partitions, equal): (Int64, Int64) = (try row.read(), try row.read())
    return ProofFacts(
      partitions: Int(partitions), equal: Int(equal), counts: try ProofCounts(&row))
  }

  static let goneSums = Statement<Int64, BackfillFacts.Sum>(
    "sumGone",
    """
    SELECT e->>0, e->>2, sum((e->>3)::numeric)::text
      FROM backfill.backfill b
      JOIN backfill.gone g ON g.stream_id = b.stream_id AND g.found_by = b.id
      CROSS JOIN LATERAL jsonb_array_elements(g.measures::jsonb) AS e
      WHERE b.id = $1
      GROUP BY 1, 2 ORDER BY 1, 2
    """
  ) { row in
    BackfillFacts.Sum(measure: try row.read(), currency: try row.read(), amount: try row.read())
  }

  static let differing = Statement<Int64, Window>(
    "listDiffering",
    """
    SELECT from_at, to_at FROM backfill.proof WHERE verification = $1 AND NOT is_equal
      ORDER BY from_at LIMIT 100
    """
  ) { row in try Window(&row) }

  static let newest = Statement<Int64, Int64>(
    "findVerification",
    "SELECT id FROM backfill.backfill WHERE verifies = $1 ORDER BY id DESC LIMIT 1")

  static let differences = Statement<(Int64, String, Int32), DifferenceRow>(
    "listDifferences",
    """
    SELECT key, verdict, event_at, source_measures, store_measures
      FROM backfill.proof_difference
      WHERE verification = $1 AND key > $2 COLLATE "C"
      ORDER BY key, verdict LIMIT $3
    """
  ) { row in try DifferenceRow(&row) }

  static let sums = Statement<Int64, ProofSumRow>(
    "listProofSums",
    """
    SELECT day::text, name, currency, sum(source_amount)::text,
        CASE WHEN bool_and(store_amount IS NOT NULL OR is_equal) THEN
          sum(coalesce(store_amount, 0))::text END,
        bool_and(is_equal)
      FROM backfill.proof_sum WHERE verification = $1
      GROUP BY day, name, currency ORDER BY day, name, currency
    """
  ) { row in try ProofSumRow(&row) }

  static let proofs = Statement<(Int64, Int32, Int32), (number: Int32, proof: ProofRow)>(
    "listProofs",
    """
    SELECT number, verification, from_at, to_at, source_records, store_records, missing, gone,
        different, kept, stale, moved, refused, unsettled, is_equal, method, proved_at
      FROM backfill.proof WHERE verification = $1 AND number > $2
      ORDER BY number LIMIT $3
    """
  ) { row in (try row.read(), try ProofRow(&row)) }

  static let mendable = Statement<Int64, (number: Int32, window: Window)>(
    "listMendable",
    """
    SELECT number, from_at, to_at FROM backfill.proof
      WHERE verification = $1 AND NOT is_equal AND (missing + different > 0 OR gone = 0)
      ORDER BY number
    """
  ) { row in (try row.read(), try Window(&row)) }

  // Parts of one that was split are no days: nothing is said of them, and as a neighbour they count
  // together as what they are parts of.
  static let emptyPartitions = Statement<Int64, SuspiciouslyEmpty?>(
    "listEmptyPartitions",
    """
    SELECT e.from_at, e.to_at, near.read
      FROM (
        SELECT p.backfill_id, p.number, p.from_at, p.to_at FROM backfill.partition p
          WHERE p.backfill_id = $1 AND p.parent IS NULL AND p.state = 'succeeded'
            AND p.read = 0
          ORDER BY p.number LIMIT 1000
      ) AS e
      CROSS JOIN LATERAL (
        SELECT array_agg(whole.read) FILTER (WHERE whole.read IS NOT NULL) AS read
          FROM backfill.partition n
          CROSS JOIN LATERAL (
            WITH RECURSIVE part(number, state, read) AS (
              SELECT n.number, n.state, n.read
              UNION ALL
              SELECT c.number, c.state, c.read
                FROM part JOIN backfill.partition c
                  ON c.backfill_id = n.backfill_id AND c.parent = part.number
            )
            SELECT sum(part.read)::bigint AS read FROM part WHERE part.state = 'succeeded'
          ) AS whole
          WHERE n.backfill_id = e.backfill_id AND n.number <> e.number
            AND n.number BETWEEN e.number - \(SuspiciouslyEmpty.reach)
              AND e.number + \(SuspiciouslyEmpty.reach)
            AND n.parent IS NULL
      ) AS near
      ORDER BY e.number
    """
  ) { row in
    let window = try Window(&row)
    return SuspiciouslyEmpty(window, neighbours: try row.read([Int64]?.self) ?? [])
  }
}

extension DaySum {
  /// Reads which sum it is, both sides, and what is explained.
  fileprivate init(_ row: inout RowReader) throws(PostgresError) {
    let (measure, day, currency): (String, String, String) = (
      try row.read(), try row.read(), try row.read()
    )
    guard let date = CivilDate(day) else { throw row.fault("has \(day) for a day") }
    let source = try row.read(String.self)
    let store = try row.read(String?.self)
    let explained = try row.read(String.self)
    guard let sourceAmount = Amount(source), let explainedAmount = Amount(explained) else {
      throw row.fault("has a sum of too many digits")
    }
    self.init(
      key: Key(measure: measure, day: date, currency: currency), source: sourceAmount,
      store: store.flatMap { Amount($0) }, explained: explainedAmount)
  }
}
