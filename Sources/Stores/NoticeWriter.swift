import Domain
import JSON
import Postgres

/// Writes notices in the transaction of what they tell of.
///
/// A notice is opened by its event and sealed once it has settled: only then are its facts taken,
/// from the stored backfill alone, and only then does it go to the subscriptions in whose scope that
/// backfill falls. So the first of many failures opens a notice that in the end names them all.
struct NoticeWriter: Sendable {
  /// How long failures are gathered before they are told.
  var quietSeconds = 60.0
  /// How long the numbers of a cancelled backfill take to be folded, with room to spare.
  private static let foldSeconds = 5.0

  /// Tells that partitions failed for good and that a source does not go on; gives those blocks
  /// of which nobody was told before.
  func writeFailures(
    of backfill: FoldedBackfill, on connection: Connection
  ) async throws(PostgresError) -> [FoldPass.Blocked] {
    if backfill.failures > 0 {
      _ = try await connection.query(Self.openFailures, (backfill.id.rawValue, quietSeconds))
    }
    var news: [FoldPass.Blocked] = []
    for block in backfill.blocks {
      let opened = try await connection.query(
        Self.openBlocks, (backfill.id.rawValue, block.kind, block.until != nil))
      for notice in opened { try await seal(notice, block: block, on: connection) }
      guard !opened.isEmpty else { continue }
      let source = String(backfill.stream.prefix { $0 != "." })
      news.append(FoldPass.Blocked(source: source, message: block.message))
    }
    return news
  }

  /// Tells that the source of a backfill, which begins or goes on only now, asked for patience before.
  func writeHold(of backfill: BackfillID, on connection: Connection) async throws(PostgresError) {
    let patience = Double(SourceFailure.quietPatience) / 1_000_000
    let found = try await connection.query(Self.hold, (backfill.rawValue, patience)).first
    guard let block = found else { return }
    let opened = try await connection.query(
      Self.openBlocks, (backfill.rawValue, block.kind, false))
    for notice in opened { try await seal(notice, block: block, on: connection) }
  }

  /// Tells that a backfill ended.
  ///
  /// Failures that were still being gathered go only to those who do not hear of the end, which
  /// names them too.
  func writeEnding(
    of backfill: BackfillID, on connection: Connection
  ) async throws(PostgresError) {
    let kind = NoticeKind(ending: try await facts(of: backfill, on: connection)).rawValue
    try await close(backfill, endingWith: kind, on: connection)
    let opened = try await connection.query(Self.openEnding, (backfill.rawValue, kind, 0))
    for notice in opened { try await seal(notice, on: connection) }
  }

  /// Tells that a backfill was cancelled, once what it had committed is folded.
  func writeCancel(
    of backfill: BackfillID, on connection: Connection
  ) async throws(PostgresError) {
    let kind = NoticeKind(ending: .cancelled).rawValue
    try await close(backfill, endingWith: kind, on: connection)
    _ = try await connection.query(
      Self.openEnding, (backfill.rawValue, kind, Self.foldSeconds))
  }

  /// Fixes what a notice says and who gets it; one that is no longer true goes to nobody.
  func seal(
    _ notice: OpenNotice, block: Notice.Block? = nil, unlessHearing kind: String? = nil,
    on connection: Connection
  ) async throws(PostgresError) {
    let facts = try await facts(of: notice.backfill, on: connection)
    let occasion = notice.occasion(facts, block)
    _ = try await connection.query(
      Self.sealNotice,
      (notice.id.rawValue, JSONValue.object(occasion?.json ?? [:]).encoded(), occasion == nil))
    guard occasion != nil else { return }
    _ = try await connection.query(
      Self.deliver, (notice.id.rawValue, notice.backfill.rawValue, notice.kind, kind))
  }

  private func close(
    _ backfill: BackfillID, endingWith kind: String, on connection: Connection
  ) async throws(PostgresError) {
    let settling = try await connection.query(Self.lockFailures, (backfill.rawValue))
    for notice in settling {
      try await seal(notice, unlessHearing: kind, on: connection)
    }
    _ = try await connection.query(Self.closeNotices, (backfill.rawValue))
  }

  private func facts(
    of id: BackfillID, on connection: Connection
  ) async throws(PostgresError) -> BackfillFacts {
    guard var facts = try await connection.query(Self.backfillFacts, (id.rawValue)).first else {
      throw PostgresError.unexpectedAnswer(to: "backfillFacts", "gave no row")
    }
    facts.sums = try await connection.query(BackfillStore.measures, (id.rawValue)).map {
      BackfillFacts.Sum(measure: $0.name, currency: $0.currency, amount: $0.amount)
    }
    facts.failures = try await connection.query(
      Self.failures, (id.rawValue, Self.namedFailures)
    ).sorted { $0.window.from < $1.window.from }
    if facts.mode == .load, facts.state.isTerminal {
      facts.empty = try await connection.query(VerificationStore.emptyPartitions, (id.rawValue))
        .compactMap(\.self)
    }
    if facts.mode == .verify {
      facts.proof = try await VerificationStore.proof(of: id, on: connection)
    }
    return facts
  }

  /// How many failed partitions a notice names; the rest it counts.
  private static let namedFailures: Int32 = 100
}

/// A notice that was opened and may still change.
struct OpenNotice: Hashable, Sendable {
  /// Its identity.
  var id: NoticeID
  /// What it is about.
  var backfill: BackfillID
  /// Its kind, as it is stored.
  var kind: String

  init(_ row: inout RowReader) throws(PostgresError) {
    id = NoticeID(rawValue: try row.read())
    backfill = BackfillID(rawValue: try row.read())
    kind = try row.read()
  }

  /// What it tells, now that it has settled; nil where an operator's retry has overtaken it.
  func occasion(_ facts: BackfillFacts, _ block: Notice.Block?) -> Notice.Occasion? {
    if let block { return .blocked(facts, block) }
    if kind == NoticeKind.partitionFailed.rawValue {
      return facts.partitions[.failed] > 0 ? .partitionFailed(facts) : nil
    }
    let isEnding = facts.state.isTerminal && NoticeKind(ending: facts).rawValue == kind
    return isEnding ? .ended(facts) : nil
  }
}
