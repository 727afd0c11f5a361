import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A strict backfill")
struct StrictClaimTests {
  @Test("runs one partition at a time, in order, however many could be claimed")
  func oneByOne() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 4, order: .strict)
      for number in 1...4 {
        let claimed = try await store.claim(9)
        #expect(claimed.map(\.id.number) == [Int32(number)])
        #expect(try await store.claim(9).isEmpty)
        try await store.sequencer.advanceFrontiers()
        #expect(try await store.claim(9).isEmpty)
        try await store.complete(claimed)
      }
      #expect(try await store.claim(9).isEmpty)
    }
  }

  @Test("waits for its head as long as that waits, and stops behind one that failed")
  func blocked() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3, order: .strict)
      let first = try await store.claimOne()
      try await store.end(first, next: .wait(60_000_000))
      #expect(try await store.claim(9).isEmpty)
      try await store.execute(
        "UPDATE backfill.partition SET not_before = clock_timestamp() WHERE state = 'waiting'")
      let again = try await store.claimOne()
      #expect(again.id.number == 1)
      try await store.end(again, next: .fail)
      for _ in 1...2 {
        #expect(try await store.claim(9).isEmpty)
        try await store.sequencer.advanceFrontiers()
        try await store.fold()
      }
      #expect(try await store.backfills.findBackfill(backfill)?.state == .running)
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 1))
      let third = try await store.claimOne()
      #expect(third.id.number == 1)
      try await store.complete([third])
      #expect(try await store.claimOne().id.number == 2)
    }
  }

  @Test("is claimed by one of many claimers at once, never its second before its first")
  func raced() async throws {
    let partitions = 60
    try await Fixture.with(connections: 8) { store in
      _ = try await store.submit(days: partitions, order: .strict)
      let turns = try await withThrowingTaskGroup(of: [Turn].self) { group in
        for seed in 0..<8 {
          group.addTask { try await Self.work(on: store, seed: UInt64(seed)) }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      let inTime = turns.sorted { $0.at < $1.at }
      #expect(inTime.map(\.number) == inTime.map(\.number).sorted())
      // However often a partition was claimed, it was completed once, and by its last claim.
      #expect(inTime.filter(\.isLast).map(\.number) == Array(1...Int32(partitions)))
      let last = Dictionary(inTime.map { ($0.number, $0.isLast) }) { $1 }
      #expect(last.values.allSatisfy { $0 })
    }
  }

  /// One claim of a partition.
  private struct Turn {
    var at: Instant
    var number: Int32
    var isLast: Bool
  }

  /// Claims and ends partitions, every third in vain, until none is left.
  ///
  /// The leases outlast any pause of the machine.
  private static func work(on store: Fixture, seed: UInt64) async throws -> [Turn] {
    var generator = SeededGenerator(seed: seed)
    var turns: [Turn] = []
    while try await store.value(
      "SELECT EXISTS (SELECT FROM backfill.partition WHERE finished_at IS NULL)", Bool.self)
    {
      for claimed in try await store.claim(3, lease: 3_600) {
        let running = try await store.value(
          "SELECT count(*) FROM backfill.partition WHERE state = 'running'", Int64.self)
        #expect(running == 1, "seed \(seed)")
        let isLast = !generator.oneIn(3)
        turns.append(Turn(at: claimed.claimedAt, number: claimed.id.number, isLast: isLast))
        if isLast {
          #expect(try await store.complete([claimed]) == [claimed.id])
        } else {
          #expect(try await store.end(claimed))
        }
      }
    }
    return turns
  }
}
