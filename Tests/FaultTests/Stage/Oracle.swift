import Crypto
import DatabaseFixtures
import Domain
import Postgres

/// Says what is wrong with the store, from the tables and from what the source is known to hold;
/// it shares nothing with the product but the names of the tables.
struct Oracle {
  let stage: Stage
  /// The stream's source.
  var name = "shop"
  /// The days that were backfilled, counted from 1970.
  let days: Range<Int>
  /// The days that may lack records, because their partitions did not succeed.
  var unfinished: Set<Int> = []

  /// Everything that is wrong after the end of all backfills; empty where all is as it must be.
  func faults() async throws -> [String] {
    try await tableFaults() + documentFaults() + rejectionFaults() + measureFaults()
  }

  /// Everything that is wrong among the tables themselves after the end of all backfills.
  func tableFaults() async throws -> [String] {
    var faults: [String] = []
    for (sentence, sql) in Self.always + Self.atTheEnd {
      let rows = try await stage.column(sql, String.self)
      if !rows.isEmpty { faults.append("\(sentence): \(rows.prefix(5).joined(separator: " | "))") }
    }
    return faults
  }

  /// Everything that is wrong at any moment, be it in the middle of the work or after a crash.
  func faultsUnderway() async throws -> [String] {
    var faults: [String] = []
    for (sentence, sql) in Self.always {
      let rows = try await stage.column(sql, String.self)
      if !rows.isEmpty { faults.append("\(sentence): \(rows.prefix(5).joined(separator: " | "))") }
    }
    return faults + (try await checkpointFaults())
  }
}

// Documents
extension Oracle {
  private struct Row: Hashable {
    var payload: String
    var version: Int32
  }

  private func documents() async throws -> [String: Row] {
    let rows = try await stage.pool.withConnection { connection in
      try await connection.query(
        """
        SELECT d.key, d.payload, d.version FROM backfill.document d
          JOIN backfill.stream s ON s.id = d.stream_id WHERE s.name = '\(name).orders'
        """
      ) { row in (try row.read(String.self), try row.read(String.self), try row.read(Int32.self)) }
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.0, Row(payload: $0.1, version: $0.2)) })
  }

  /// I1, I2, I24: the documents are those of the source, byte for byte, and no others.
  private func documentFaults() async throws -> [String] {
    var faults: [String] = []
    var stored = try await documents()
    for day in days {
      for item in stage.source.goods.items(day, revision: stage.source.revision) {
        guard let row = stored.removeValue(forKey: item.key) else {
          if !unfinished.contains(day) { faults.append("\(item.key) is lost") }
          continue
        }
        if row.payload != item.payload { faults.append("\(item.key) has other bytes") }
        if row.version != item.version {
          faults.append("\(item.key) has version \(row.version), not \(item.version)")
        }
      }
    }
    faults += stored.keys.map { "\($0) is not of the source" }
    return faults.isEmpty ? [] : ["\(faults.count) documents are wrong"] + faults.prefix(5)
  }

  /// What cannot be stored lies among the rejections, once for each time that its day was read to
  /// the end.
  private func rejectionFaults() async throws -> [String] {
    let found = try await stage.pool.withConnection { connection in
      try await connection.query(
        """
        SELECT (extract(epoch FROM p.from_at) / 86400)::int, p.backfill_id, count(r.id)::int
          FROM backfill.partition p
          JOIN backfill.backfill b ON b.id = p.backfill_id
          LEFT JOIN backfill.rejection r ON r.backfill_id = p.backfill_id AND r.number = p.number
          WHERE b.stream = '\(name).orders' AND p.state = 'succeeded' GROUP BY 1, 2
        """
      ) { row in
        (try row.read(Int32.self), try row.read(Int64.self), try row.read(Int32.self))
      }
    }
    return found.filter { $0.2 != stage.source.goods.rejected(Int($0.0)) }
      .map { "backfill \($0.1) has \($0.2) rejections of day \($0.0)" }
  }

  /// The measures are those of the documents, per day and currency.
  private func measureFaults() async throws -> [String] {
    guard unfinished.isEmpty else { return [] }
    var expected: [String: Int] = [:]
    for day in days {
      for item in stage.source.goods.items(day, revision: stage.source.revision) {
        expected["\(CivilDate(dayNumber: day)) \(item.currency)", default: 0] += item.cents
      }
    }
    let rows = try await stage.pool.withConnection { connection in
      try await connection.query(
        """
        SELECT m.day::text || ' ' || m.currency, (m.amount * 100)::bigint FROM backfill.measure m
          JOIN backfill.stream s ON s.id = m.stream_id WHERE s.name = '\(name).orders'
        """
      ) { row in (try row.read(String.self), Int(try row.read(Int64.self))) }
    }
    let found = Dictionary(uniqueKeysWithValues: rows)
    return Set(expected.keys).union(found.keys)
      .filter { expected[$0, default: 0] != found[$0, default: 0] }
      .sorted().prefix(5)
      .map { "the measure of \($0) is \(found[$0, default: 0]), not \(expected[$0, default: 0])" }
  }

  /// I3: every record below a checkpoint is there, whatever became of the worker and the server.
  private func checkpointFaults() async throws -> [String] {
    let stored = try await documents()
    let partitions = try await stage.pool.withConnection { connection in
      try await connection.query(
        """
        SELECT (extract(epoch FROM p.from_at) / 86400)::int, p.state = 'succeeded', p.checkpoint
          FROM backfill.partition p JOIN backfill.backfill b ON b.id = p.backfill_id
          WHERE b.stream = '\(name).orders'
        """
      ) { row in
        (try row.read(Int32.self), try row.read(Bool.self), try row.read(String?.self))
      }
    }
    let goods = stage.source.goods
    let lost = partitions.flatMap { day, succeeded, checkpoint in
      let pages =
        succeeded
        ? goods.pageCount(Int(day))
        : checkpoint.flatMap { Int($0.split(separator: " ").last ?? "") } ?? 0
      return goods.items(Int(day), revision: stage.source.revision).prefix(pages * goods.perPage)
        .filter { stored[$0.key] == nil }
    }
    return lost.isEmpty
      ? [] : ["\(lost.count) documents below checkpoints are lost, such as \(lost[0].key)"]
  }
}
