import Domain
import JSON
import Postgres

/// A backfill after its numbers were folded.
struct FoldedBackfill: Sendable {
  /// The backfill.
  var id: BackfillID
  /// How many tallies were folded into it.
  var tallies: Int64
  /// How many of them are of batches.
  var batches: Int64
  /// The highest id among them.
  var lastTally: Int64
  /// The stream's full name.
  var stream: String
  /// Its state before the fold.
  var state: BackfillState
  /// How many partitions it has, and how many of them have ended, by state.
  var total: Int32
  /// How many partitions ended, by state.
  var counts: PartitionCounts

  /// What became of its records.
  var records: OutcomeCounts
  /// How many partitions failed for good since the fold before.
  var failures: Int64
  /// Why its source does not go on, as far as its attempts said so.
  var blocks: [Notice.Block]

  /// The partitions into whose windows documents were written since the fold before, and when the
  /// last of them was.
  var written: (numbers: [Int32], last: Instant)?

  /// Whether every partition has ended.
  var isDone: Bool { counts.total >= Int(total) }

  init(_ row: inout RowReader) throws(PostgresError) {
    id = BackfillID(rawValue: try row.read())
    tallies = try row.read()
    batches = try row.read()
    lastTally = try row.read()
    stream = try row.read()
    state = try row.readName()
    total = try row.read()
    counts = PartitionCounts()
    counts[.succeeded] = Int(try row.read(Int32.self))
    for state in [PartitionState.failed, .skipped, .replaced, .quarantined, .cancelled] {
      counts[state] = Int(try row.read(Int32.self))
    }
    records = OutcomeCounts()
    for outcome in Outcome.tableOrder { records[outcome] = try row.read() }
    failures = try row.read()
    blocks = try Self.blocks(try row.read(), row)
    let numbers = try row.read([Int32]?.self)
    let last = try row.read(Timestamp?.self).map(Instant.init)
    if let numbers, let last { written = (numbers, last) }
  }

  private static func blocks(
    _ text: String?, _ row: borrowing RowReader
  ) throws(PostgresError) -> [Notice.Block] {
    guard let text else { return [] }
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONValue.parse(text)
    } catch {
      throw row.fault("holds blocks that are no JSON")
    }
    return (json.object?.members ?? []).map { kind, block in
      Notice.Block(
        kind: kind, message: block["message"]?.string ?? "",
        until: block["until"]?.int.map { Instant(microseconds: Int64($0)) })
    }
  }
}
