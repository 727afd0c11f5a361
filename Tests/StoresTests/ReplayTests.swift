import DatabaseFixtures
import Domain
import JSON
import Postgres
import Testing

@testable import Stores

@Suite("A replay of what is there")
struct ReplayTests {
  /// How a replay may be written: with payloads of the same bytes, with payloads that mean the same,
  /// or without payloads.
  enum Way: CaseIterable { case sameBytes, sameMeaning, probe }

  @Test(
    "writes nothing to the documents, not a byte of WAL", arguments: Way.allCases, Policy.allCases)
  func writesNothing(_ way: Way, _ policy: Policy) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2, policy: policy)
      let records = (0..<200).map { record("k\($0)") }
      _ = try await store.commit(
        try await store.claimOne(), records, policy: policy, end: .succeeded)
      try await store.fold()
      try await store.execute("CREATE EXTENSION pg_walinspect")
      // Hint bits are set by whoever looks first, without WAL where pages have no checksums.
      let before = try await store.database.snapshot(withTransactions: true)
      let start = try await store.flushedLog()
      let again =
        way == .sameMeaning ? (0..<200).map { record("k\($0)", more: ",\"seen\":1") } : records
      let answer = try await store.commit(
        try await store.claimOne(), again, policy: policy, end: .succeeded, isProbe: way == .probe)
      #expect(answer == .committed(OutcomeCounts([.unchanged: 200]), partition: .succeeded))
      let written = try await store.walRecords(since: start)
      #expect(written["partition", default: 0] > 0)
      for table in ["document", "document_pkey", "document_version", "rejection", "measure"] {
        #expect(written[table] == nil, "\(table)")
      }
      let after = try await store.database.snapshot(withTransactions: true)
      #expect(after["document"] == before["document"])
      #expect(after["document_version"] == [])
      try await store.expectMeasuresFromDocuments()
    }
  }

  @Test("that carries a later version only raises the version, so that what lies between is stale")
  func laterVersion() async throws {
    try await Fixture.with(.ordersByExcludedVersion) { store in
      _ = try await store.submit(days: 5)
      let first = [record("k", v: 1), record("l", v: 1)]
      _ = try await store.commit(try await store.claimOne(), first, end: .succeeded)
      let later = [record("k", v: 5), record("l", v: 1)]
      let answer = try await store.commit(try await store.claimOne(), later, end: .succeeded)
      #expect(answer == .committed(OutcomeCounts([.unchanged: 2]), partition: .succeeded))
      let rows = try await store.value(
        """
        SELECT string_agg(format('%s %s %s', key, version, source_version), ', ' ORDER BY key)
          FROM backfill.document
        """, String.self)
      #expect(rows == "order:k 1 5, order:l 1 1")
      let payload = try await store.value(
        "SELECT payload FROM backfill.document WHERE key = 'order:k'", String.self)
      #expect(payload == first[0])
      let between = try await store.commit(
        try await store.claimOne(), [record("k", v: 3, amount: "9")], end: .succeeded)
      #expect(between == .committed(OutcomeCounts([.stale: 1]), partition: .succeeded))
      // And the same once more, or older, writes no document.
      let before = try await store.database.snapshot(withTransactions: true)
      for v in [5, 2] {
        let again = try await store.commit(
          try await store.claimOne(), [record("k", v: v, more: ",\"seen\":1")], end: .succeeded)
        #expect(again == .committed(OutcomeCounts([.unchanged: 1]), partition: .succeeded))
      }
      let after = try await store.database.snapshot(withTransactions: true)
      #expect(after["document"] == before["document"])
    }
  }

  @Test("by a probe does what a full commit does")
  func probe() async throws {
    var states: [[String: [String]]] = []
    for isProbe in [true, false] {
      try await Fixture.with { store in
        _ = try await store.submit(days: 2)
        // In no order, one key the beginning of another, and beyond ASCII.
        let records = ["b", "é", "ab", "a", "Z"].map { record($0) }
        _ = try await store.commit(try await store.claimOne(), records.sorted(), end: .succeeded)
        let answer = try await store.commit(
          try await store.claimOne(), isProbe ? records : records.sorted(), end: .succeeded,
          isProbe: isProbe)
        #expect(answer == .committed(OutcomeCounts([.unchanged: 5]), partition: .succeeded))
        try await store.fold()
        var state = try await store.database.snapshot().mapValues { $0.map(withoutTimes) }
        state["sequencer"] = nil
        states.append(state)
      }
    }
    #expect(states[0] == states[1])
  }

  @Test("is sent whole where a record is no document, as a probe has no place for it")
  func noProbe() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2)
      let records = [record("a"), record("a"), record("b"), record("o", at: 1), "3"]
      _ = try await store.commit(try await store.claimOne(), records, end: .succeeded)
      let answer = try await store.commit(
        try await store.claimOne(), records, end: .succeeded, isProbe: true)
      #expect(
        answer
          == .committed(
            OutcomeCounts([.unchanged: 2, .duplicate: 1, .outside: 1, .rejected: 1]),
            partition: .succeeded))
    }
  }
}

extension StreamDefinition {
  /// Orders whose version does not count when payloads are compared.
  fileprivate static var ordersByExcludedVersion: StreamDefinition {
    var definition = StreamDefinition.orders
    definition.exclude.append(JSONPath("v"))
    return definition
  }
}

/// A row without what differs from one run to the next.
private func withoutTimes(_ row: String) -> String {
  row.replacing(/"20\d\d-\d\d-\d\d [\d:.]+\+00"/, with: "time")
    .replacing(/ntc_[0-9a-f]{32}/, with: "notice")
}

extension Fixture {
  /// How many records of the write-ahead log touch each table and index of this database.
  func walRecords(since start: String) async throws -> [String: Int64] {
    let end = try await flushedLog()
    let rows = try await pool.withConnection { connection in
      try await connection.query(
        """
        SELECT c.relname::text, count(*)
          FROM pg_get_wal_records_info('\(start)', '\(end)') w
          JOIN pg_database d ON d.datname = current_database()
          JOIN pg_class c ON w.block_ref LIKE '%/' || d.oid || '/' || c.relfilenode || ' %'
          WHERE c.relfilenode <> 0
          GROUP BY 1
        """
      ) { row in (try row.read(String.self), try row.read(Int64.self)) }
    }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// How far the log is written, when all has been that was committed up to now.
  func flushedLog() async throws -> String {
    try await execute(
      "SET LOCAL synchronous_commit = on; SELECT pg_logical_emit_message(true, 'test', '')")
    return try await value("SELECT pg_current_wal_flush_lsn()::text", String.self)
  }
}
