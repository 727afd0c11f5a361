public import Domain
import JSON
public import Postgres

/// Compares what the store has with what was listed of a source, and keeps what that came to.
public struct VerificationStore: Sendable {
  private let pool: Pool

  /// A store on a pool.
  public init(pool: Pool) {
    self.pool = pool
  }

  /// Submits the verification of a backfill, under this definition or, where none is given, under the
  /// one that the backfill ran with; nil where nothing of it succeeded.
  public func submitVerification(
    of target: BackfillID, definition: String?, by together: Int32, requestedBy user: String,
    reason: String?
  ) async throws(PostgresError) -> BackfillID? {
    let made = try await pool.query(
      Self.submit, (target.rawValue, definition, together, user, reason))
    return made.first.flatMap(\.self).map { BackfillID(rawValue: $0) }
  }

  /// Begins to verify a partition; gives the mark, or nil where it is no longer held.
  public func beginVerification(_ held: HeldPartition) async throws(PostgresError) -> Int64? {
    try await pool.query(
      Self.begin, (held.id.backfill.rawValue, held.id.number, held.fence)
    ).first.flatMap(\.self)
  }

  /// What the documents of a window come to, those marked gone left out.
  public func sumStore(stream: Int32, window: Window) async throws(PostgresError) -> SourceTotals {
    let rows = try await pool.query(
      Self.storeTotals, (stream, Timestamp(window.from), Timestamp(window.to)))
    var totals = SourceTotals(records: 0)
    for row in rows {
      guard let name = row.name, let currency = row.currency else {
        totals.records = row.records
        continue
      }
      guard let amount = row.amount.flatMap({ Amount($0) }) else {
        throw PostgresError.unexpectedAnswer(to: "sumStore", "gave a sum of too many digits")
      }
      totals.sums.append(SourceTotals.Sum(measure: name, currency: currency, amount: amount))
    }
    return totals
  }

  /// What does not stand as it should, in order, from a place on.
  public func listSuspects(
    of partition: PartitionID, stream: Int32, after place: VerificationCheckpoint.Place?,
    limit: Int
  ) async throws(PostgresError) -> [SuspectRow] {
    try await pool.query(
      Self.suspects,
      (
        partition.backfill.rawValue, partition.number, stream, place?.key,
        place?.isRejected ?? false, Int32(clamping: limit)
      ))
  }

  /// The sums of a partition on both sides, with what the verdicts explain.
  public func listDaySums(of partition: PartitionID) async throws(PostgresError) -> [DaySum] {
    try await pool.query(Self.daySums, (partition.backfill.rawValue, partition.number))
  }

  /// Writes verdicts and how far the judging has come, and marks gone what the source no longer has.
  public func commitVerdicts(_ step: VerificationStep) async throws(PostgresError) -> String? {
    try await pool.query(Self.verdicts, step).first
  }

  /// Ends a verifying partition with what its comparison came to.
  public func concludeVerification(
    _ step: VerificationStep
  ) async throws(PostgresError) -> String? {
    try await pool.query(Self.conclude, step).first
  }

  /// What a verification came to as a whole; nil where nothing was compared.
  public func findProof(of verification: BackfillID) async throws(PostgresError) -> ProofFacts? {
    try await pool.withConnection { connection throws(PostgresError) in
      try await Self.proof(of: verification, on: connection)
    }
  }

  static func proof(
    of verification: BackfillID, on connection: Connection
  ) async throws(PostgresError) -> ProofFacts? {
    guard
      var proof = try await connection.query(Self.proof, (verification.rawValue)).first,
      proof.partitions > 0
    else { return nil }
    if proof.counts[.gone] > 0 {
      proof.goneSums = try await connection.query(Self.goneSums, (verification.rawValue))
    }
    proof.differing = try await connection.query(Self.differing, (verification.rawValue))
    return proof
  }

  /// The newest verification of a backfill.
  public func findVerification(of target: BackfillID) async throws(PostgresError) -> BackfillID? {
    try await pool.query(Self.newest, (target.rawValue)).first.map { BackfillID(rawValue: $0) }
  }

  /// The records that differ, as far as they are kept, by key, after a key.
  public func listDifferences(
    of verification: BackfillID, after key: String, limit: Int
  ) async throws(PostgresError) -> [DifferenceRow] {
    try await pool.query(
      Self.differences, (verification.rawValue, key, Int32(clamping: limit)))
  }

  /// The sums of a verification by day.
  public func listSums(of verification: BackfillID) async throws(PostgresError) -> [ProofSumRow] {
    try await pool.query(Self.sums, (verification.rawValue))
  }

  /// What was compared, in the order of time, after a number.
  public func listProofs(
    of verification: BackfillID, after number: Int32, limit: Int
  ) async throws(PostgresError) -> [(number: Int32, proof: ProofRow)] {
    try await pool.query(
      Self.proofs, (verification.rawValue, number, Int32(clamping: limit)))
  }

  /// The windows that reading again can mend: where something is missing or different.
  public func listMendable(
    of verification: BackfillID
  ) async throws(PostgresError) -> [(number: Int32, window: Window)] {
    try await pool.query(Self.mendable, (verification.rawValue))
  }

  /// Partitions of a backfill that read nothing, with what the nearest of those that succeeded read.
  public func listEmptyPartitions(
    of backfill: BackfillID
  ) async throws(PostgresError) -> [SuspiciouslyEmpty] {
    try await pool.query(Self.emptyPartitions, (backfill.rawValue)).compactMap(\.self)
  }
}

/// One step of the judging of a partition: verdicts on some records, or the end.
public struct VerificationStep: Sendable {
  /// How the partition ends with this step.
  public struct End: Sendable {
    /// How it was compared.
    public var method: ProofRow.Method
    /// Both sides, where the source's own totals were compared.
    public var totals: (source: SourceTotals, store: SourceTotals)?
    /// The day of those totals: the first of the window.
    public var day: CivilDate
    /// The sums that differ by more than single records explain.
    public var unequalSums: [DaySum.Key]

    /// An end.
    public init(
      method: ProofRow.Method, totals: (source: SourceTotals, store: SourceTotals)? = nil,
      day: CivilDate, unequalSums: [DaySum.Key] = []
    ) {
      self.method = method
      self.totals = totals
      self.day = day
      self.unequalSums = unequalSums
    }
  }

  /// The partition, as it is held.
  public var held: HeldPartition
  /// The number of this batch in the partition.
  public var sequence: Int32
  /// The stream's id in the store.
  public var stream: Int32
  /// Where the next step goes on; nil at the end.
  public var checkpoint: String?
  /// How long the lease lasts from here on, in seconds.
  public var leaseSeconds: Double
  /// Requests that were sent and are not counted yet.
  public var requests: Int
  /// The records judged, and how.
  public var verdicts: [(place: VerificationCheckpoint.Place, verdict: Verdict)]
  /// How the partition ends; nil where it goes on.
  public var end: End?

  /// A step.
  public init(
    held: HeldPartition, sequence: Int32, stream: Int32, checkpoint: String?,
    leaseSeconds: Double, requests: Int = 0,
    verdicts: [(place: VerificationCheckpoint.Place, verdict: Verdict)] = [], end: End? = nil
  ) {
    self.held = held
    self.sequence = sequence
    self.stream = stream
    self.checkpoint = checkpoint
    self.leaseSeconds = leaseSeconds
    self.requests = requests
    self.verdicts = verdicts
    self.end = end
  }

  /// What the server reads of it.
  var header: String {
    var header: JSONObject = [
      "stream": JSONValue(stream), "cursor_to": JSONValue(checkpoint),
      "lease": .number("\(leaseSeconds)"), "requests": JSONValue(requests), "pages": 0,
    ]
    guard let end else { return JSONValue.object(header).encoded() }
    header["method"] = .string(end.method.rawValue)
    header["is_unequal"] = JSONValue(!end.unequalSums.isEmpty)
    header["unequal_sums"] = .array(
      end.unequalSums.map {
        .array([.string($0.measure), .string($0.day.description), .string($0.currency)])
      })
    if let totals = end.totals {
      header["source_records"] =
        (totals.source.records ?? totals.store.records).map {
          JSONValue($0)
        } ?? .null
      header["store_records"] = totals.store.records.map { JSONValue($0) } ?? .null
      header["sums"] = .array(
        totals.source.sums.map {
          .array([
            .string($0.measure), .string(end.day.description), .string($0.currency),
            .string($0.amount.description),
          ])
        })
    }
    return JSONValue.object(header).encoded()
  }
}
