import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("Random histories of batches")
struct CommitModelTests {
  private static let window = Window(
    from: Fixture.start, to: Fixture.start.adding(microseconds: 3 * 86_400_000_000))

  @Test("leave in the store what a model of it says", arguments: Policy.allCases, [1, 2, 3])
  func history(_ policy: Policy, _ seed: UInt64) async throws {
    let note: Comment = "policy \(policy), seed \(seed)"
    var definition = StreamDefinition.orders
    definition.rejectLimit = 1
    try await Fixture.with(definition) { store in
      var writer = RecordWriter(generator: SeededGenerator(seed: seed))
      var model = StoreModel()
      let backfill = try await store.submit(days: 200, policy: policy)
      var claimed = try await store.claimOne()
      var sequence: Int32 = 0
      var probes = 0
      var stored: [String: StoreModel.Record] = [:]
      for step in 1...200 {
        // Some batches come again, in another order, as a replay brings them.
        let again = stored.values.sorted { $0.id < $1.id }.shuffled(using: &writer.generator)
          .prefix(Int.random(in: 0...7, using: &writer.generator))
        let isAgain = writer.generator.oneIn(3)
        let records = isAgain ? Array(again) : writer.batch()
        let ends = writer.generator.oneIn(10) && step < 200
        sequence += 1
        let answer = try await probeThenCommit(
          records, to: claimed, sequence: sequence, ends: ends, policy, store, model,
          isProbe: isAgain)
        let counts = model.take(records, policy)
        #expect(
          answer == .committed(counts, partition: ends ? .succeeded : .running), note)
        for record in records where model.documents[record.id]?.payload == record.text {
          stored[record.id] = record
        }
        if isAgain, counts[.unchanged] == counts.read, counts.read > 0 { probes += 1 }
        if ends {
          claimed = try await store.claimOne()
          sequence = 0
        }
        if writer.generator.oneIn(25) {
          _ = try await store.sequencer.fold(limit: Int.random(in: 1...9, using: &writer.generator))
        }
      }
      #expect(probes > 0, note)
      try await expect(model, in: store, of: backfill, note)
    }
  }

  /// A probe either does what a full commit does, or nothing.
  private func probeThenCommit(
    _ records: [StoreModel.Record], to claimed: ClaimedPartition, sequence: Int32, ends: Bool,
    _ policy: Policy, _ store: Fixture, _ model: StoreModel, isProbe: Bool
  ) async throws -> CommitAnswer {
    var order = try store.order(
      claimed, records.map(\.text), sequence: sequence, policy: policy,
      cursor: ends ? nil : "\(sequence)", end: ends ? .succeeded : nil, window: Self.window)
    let stage = StageBuffer()
    if isProbe {
      order.isProbe = true
      let answer = try await store.commits.commit(order, staging: stage)
      guard answer == .payloadNeeded else {
        #expect(model.isKnown(records, policy))
        return answer
      }
      order.isProbe = false
    }
    return try await store.commits.commit(order, staging: stage)
  }

  private func expect(
    _ model: StoreModel, in store: Fixture, of backfill: BackfillID, _ note: Comment
  ) async throws {
    try await store.fold()
    let row = try #require(try await store.backfills.findBackfill(backfill))
    #expect(row.records == model.counts, note)
    for outcome in Outcome.allCases {
      let keys = try await store.backfills.listKeys(of: backfill, outcome: outcome, limit: 10_000)
      // A flawed record's fields are not to be trusted: it has no key.
      let expected = (model.keys[outcome] ?? []).map { "order:\($0)" }
      if outcome == .rejected {
        #expect(keys.count == expected.count, note)
      } else {
        #expect(keys.map { $0 ?? "none" }.sorted() == expected.sorted(), "\(outcome), \(note)")
      }
    }
    try await store.pool.withConnection { connection in
      let documents = try await connection.query(
        "SELECT key, version, payload FROM backfill.document"
      ) { row in
        [try row.read(String.self), "\(try row.read(Int32.self))", try row.read(String.self)]
      }
      let expected = model.documents.map { ["order:\($0)", "\($1.version)", $1.payload] }
      #expect(Set(documents) == Set(expected), note)
      let versions = try await connection.query(
        "SELECT key, version, payload FROM backfill.document_version"
      ) { row in
        [try row.read(String.self), "\(try row.read(Int32.self))", try row.read(String.self)]
      }
      let superseded = model.superseded.map {
        ["order:\($0.order.id)", "\($0.version)", $0.payload]
      }
      #expect(Set(versions) == Set(superseded), note)
      #expect(versions.count == model.superseded.count, note)
      let sums = try await connection.query(
        """
        SELECT format('%s %s', day, currency), (amount * 100)::bigint, records
          FROM backfill.measure WHERE amount <> 0 OR records <> 0
        """
      ) { row in
        "\(try row.read(String.self)) \(try row.read(Int64.self)) \(try row.read(Int64.self))"
      }
      let expectedSums = model.sums.map { "\($0) \($1.cents) \($1.records)" }
      #expect(sums.sorted() == expectedSums.sorted(), note)
    }
    try await store.expectMeasuresFromDocuments(note)
    try await store.expectCountsAddUp(note)
  }
}
