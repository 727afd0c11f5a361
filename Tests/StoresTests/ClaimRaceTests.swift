import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("Claimers at once")
struct ClaimRaceTests {
  private static let claimers = 8

  @Test("never share a partition, and leave none")
  func disjoint() async throws {
    try await Fixture.with(connections: Self.claimers) { store in
      _ = try await store.submit(days: 300)
      _ = try await store.submit(days: 300)
      let all = try await withThrowingTaskGroup(of: [PartitionID].self) { group in
        for seed in 0..<Self.claimers {
          group.addTask {
            var generator = SeededGenerator(seed: UInt64(seed))
            var mine: [PartitionID] = []
            while true {
              let room = Int.random(in: 1...9, using: &generator)
              let claimed = try await store.claim(room)
              #expect(claimed.count <= room)
              if claimed.isEmpty { return mine }
              mine += claimed.map(\.id)
            }
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(all.count == 600)
      #expect(Set(all).count == 600)
    }
  }

  @Test("wait for each other, so that the second counts what the first took")
  func serialized() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 9, concurrency: 1)
      try await store.database.withConnection { connection in
        try await connection.execute("BEGIN")
        let first = try await connection.query(
          PartitionStore.claim, (store.worker.rawValue, 1, 60))
        #expect(first.map(\.id.number) == [1])
        // What the second would take is not what the first has locked.
        try await store.execute(
          """
          UPDATE backfill.partition SET state = 'waiting', not_before = clock_timestamp()
            WHERE number = 9
          """)
        async let second = store.claim(3)
        #expect(try await store.eventuallyWaiting(1))
        try await connection.execute("COMMIT")
        #expect(try await second.isEmpty)
      }
    }
  }

  @Test("never overshoot the cap of a backfill or of a source, nor the strictness of another")
  func caps() async throws {
    try await Fixture.with(sourceConcurrency: 6, connections: Self.claimers) { store in
      let bank = try await Fixture.applySource(
        "bank", ["bank.payments"], concurrency: 4, in: store.pool)[0]
      let post = try await Fixture.applySource(
        "post", ["post.parcels"], concurrency: nil, in: store.pool)[0]
      let narrow = try await store.submit(days: 150, stream: post, concurrency: 3)
      _ = try await store.submit(days: 150)
      let strict = try await store.submit(days: 40, order: .strict)
      _ = try await store.submit(days: 150, stream: bank)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for seed in 0..<Self.claimers {
          group.addTask {
            try await Self.work(
              on: store, seed: UInt64(seed), narrow: narrow, strict: strict, bank: bank.source,
              post: post.source)
          }
        }
        try await group.waitForAll()
      }
      let open = try await store.value(
        """
        SELECT count(*) FROM backfill.partition WHERE state <> 'succeeded'
        """, Int64.self)
      #expect(open == 0)
    }
  }

  /// Claims, looks that no cap is broken, and ends what it claimed, until nothing is left.
  private static func work(
    on store: Fixture, seed: UInt64, narrow: BackfillID, strict: BackfillID, bank: Int32,
    post: Int32
  ) async throws {
    var generator = SeededGenerator(seed: seed)
    while true {
      let claimed = try await store.claim(Int.random(in: 1...8, using: &generator))
      let counts = try await store.running(
        [
          "backfill_id = \(narrow)", "backfill_id = \(strict)", "source_id = \(bank)",
          "source_id NOT IN (\(bank), \(post))",
        ])
      for (count, cap) in zip(counts, [3, 1, 4, 6]) {
        #expect(count <= cap, "seed \(seed): \(counts)")
      }
      let isDone = try await store.value(
        "SELECT NOT EXISTS (SELECT FROM backfill.partition WHERE state IN ('ready', 'waiting'))",
        Bool.self)
      if generator.oneIn(4) { try await store.sequencer.advanceFrontiers() }
      for partition in claimed {
        if generator.oneIn(4) {
          try await store.end(partition)
        } else {
          try await store.complete([partition])
        }
      }
      if claimed.isEmpty, isDone { return }
    }
  }
}

extension Fixture {
  /// How many partitions run of which each condition holds, at one moment.
  fileprivate func running(_ conditions: [String]) async throws -> [Int] {
    let counts = conditions.map {
      "count(*) FILTER (WHERE p.state = 'running' AND \($0))"
    }
    let text = try await value(
      """
      SELECT concat_ws(' ', \(counts.joined(separator: ", ")))
        FROM backfill.partition p JOIN backfill.lane l USING (backfill_id)
      """, String.self)
    return text.split(separator: " ").compactMap { Int($0) }
  }
}
