public import Domain
import Postgres

/// What the comparison of one partition with its source came to.
public struct ProofRow: Hashable, Sendable {
  /// How it was compared.
  public enum Method: String, Sendable {
    /// By what the source itself says of the window.
    case totals
    /// By listing the source again, record by record.
    case listing
  }

  /// The verifying backfill.
  public var verification: BackfillID
  /// The partition's window.
  public var window: Window
  /// Both sides, and the verdicts.
  public var counts: ProofCounts
  /// Whether it is verified by that.
  public var isEqual: Bool
  /// How it was compared.
  public var method: Method
  /// When.
  public var provedAt: Instant

  /// Reads the columns behind a partition's own; nil where all of them are.
  init?(optional row: inout RowReader) throws(PostgresError) {
    guard let verification = try row.read(Int64?.self) else {
      for _ in 0..<15 { row.skip() }
      return nil
    }
    try self.init(BackfillID(rawValue: verification), &row)
  }

  /// Reads the columns from `verification` on.
  init(_ row: inout RowReader) throws(PostgresError) {
    try self.init(BackfillID(rawValue: try row.read()), &row)
  }

  private init(_ verification: BackfillID, _ row: inout RowReader) throws(PostgresError) {
    self.verification = verification
    window = try Window(&row)
    counts = try ProofCounts(&row)
    isEqual = try row.read()
    method = try row.readName()
    provedAt = Instant(try row.read())
  }
}

extension ProofCounts {
  /// Reads both sides and the verdicts.
  init(_ row: inout RowReader) throws(PostgresError) {
    self.init(source: try row.read(), store: try row.read())
    for verdict in Self.tableOrder { self[verdict] = try row.read() }
  }
}

/// One record that differs.
public struct DifferenceRow: Hashable, Sendable {
  /// Its key, or what stands for one.
  public var key: String
  /// What was found.
  public var verdict: Verdict
  /// Its event time; of one that the source no longer has, the store's.
  public var eventAt: Instant
  /// What the source's record amounts to: `[[measure, day, currency, amount], …]`; nil for nothing.
  public var sourceMeasures: String?
  /// The same of the document.
  public var storeMeasures: String?

  init(_ row: inout RowReader) throws(PostgresError) {
    key = try row.read()
    verdict = try row.readName()
    eventAt = Instant(try row.read())
    sourceMeasures = try row.read()
    storeMeasures = try row.read()
  }
}

/// A sum of one day on both sides.
public struct ProofSumRow: Hashable, Sendable {
  /// The day in the stream's zone.
  public var day: CivilDate
  /// The measure.
  public var name: String
  /// The currency.
  public var currency: String
  /// What the source's records come to, as exact decimal text.
  public var source: String
  /// What the documents come to; nil where the store was written to meanwhile.
  public var store: String?
  /// Whether they agree; nil where they were not compared.
  public var isEqual: Bool?

  init(_ row: inout RowReader) throws(PostgresError) {
    let text = try row.read(String.self)
    guard let day = CivilDate(text) else { throw row.fault("has \(text) for a day") }
    self.day = day
    name = try row.read()
    currency = try row.read()
    source = try row.read()
    store = try row.read()
    isEqual = try row.read()
  }
}

/// One record that does not stand as it should, before it is judged.
public struct SuspectRow: Hashable, Sendable {
  /// Where it stands in the order of judging.
  public var place: VerificationCheckpoint.Place
  /// How the store stands to it.
  public var standing: Standing
  /// Whether the same verification found its key in another window.
  public var isElsewhere: Bool

  init(_ row: inout RowReader) throws(PostgresError) {
    place = VerificationCheckpoint.Place(key: try row.read(), isRejected: try row.read())
    standing = try row.readName()
    isElsewhere = try row.read()
  }
}
