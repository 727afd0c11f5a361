import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("When faults stop")
struct LivenessTests {
  @Test(
    "every partition comes to an end, whatever workers, rescuer, operator and sequencer did",
    arguments: [11, 12, 13, 14] as [UInt64], [ClaimOrder.oldest, .newest, .strict])
  func liveness(_ seed: UInt64, _ order: ClaimOrder) async throws {
    try await Fixture.with(sourceConcurrency: 7, connections: 8) { store in
      let backfills = [
        try await store.submit(days: 25, order: order, concurrency: 3),
        try await store.submit(days: 25, order: order, priority: 1),
      ]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<4 {
          group.addTask { try await Self.work(on: store, seed: seed &* 100 + UInt64(index)) }
        }
        group.addTask { try await Self.steer(backfills, on: store, seed: seed) }
        group.addTask { try await Self.fold(on: store, seed: seed) }
        try await group.waitForAll()
      }
      try await Self.settle(backfills, on: store)
      try await store.fold()
      for id in backfills {
        let row = try #require(try await store.backfills.findBackfill(id))
        #expect(row.state == .succeeded, "seed \(seed): \(row.counts)")
        #expect(row.counts[.succeeded] == 25, "seed \(seed): \(row.counts)")
      }
      try await store.expectCountsAddUp("seed \(seed)")
      let lanes = try await store.value("SELECT count(*) FROM backfill.lane", Int64.self)
      #expect(lanes == 0)
    }
  }

  /// Claims, and ends what it claimed in every way there is; some of it is let lie.
  private static func work(on store: Fixture, seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      for claimed in try await store.claim(Int.random(in: 1...4, using: &generator)) {
        switch Int.random(in: 0...9, using: &generator) {
        case 0: try await store.end(claimed, next: .fail)
        case 1: try await store.end(claimed, .released)
        case 2: try await store.end(claimed, .rateLimited, next: .wait(3_000))
        case 3: break
        case 4:
          _ = try await store.commit(claimed, [record("k")], cursor: "1")
          try await store.end(claimed, next: .wait(Int64.random(in: 0...9_000, using: &generator)))
        case 5: _ = try await store.commit(claimed, [record("k")], end: .succeeded)
        default: try await store.complete([claimed])
        }
      }
    }
  }

  /// Retries, pauses, resumes, cancels, and declares workers lost.
  private static func steer(
    _ backfills: [BackfillID], on store: Fixture, seed: UInt64
  ) async throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let id = generator.pick(backfills)
      switch Int.random(in: 0...9, using: &generator) {
      case 0: _ = try await store.control.pauseBackfill(id)
      case 1, 2: _ = try await store.control.resumeBackfill(id)
      case 3 where generator.oneIn(3): _ = try await store.control.cancelBackfill(id)
      case 4, 5, 6: _ = try await store.control.retryBackfill(id, partitions: nil)
      case 7:
        _ = try await store.control.retryBackfill(
          id, partitions: [Int32.random(in: 1...25, using: &generator)])
      default:
        try await store.expire()
        try await store.rescueLost()
      }
    }
  }

  private static func fold(on store: Fixture, seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed &+ 77)
    for _ in 0..<80 {
      if generator.oneIn(2) { try await store.sequencer.advanceFrontiers() }
      _ = try await store.sequencer.fold(limit: Int.random(in: 1...30, using: &generator))
    }
  }

  /// Nothing fails any more: claims and ends until nothing is left to claim.
  private static func settle(_ backfills: [BackfillID], on store: Fixture) async throws {
    try await store.expire()
    try await store.rescueLost()
    for id in backfills {
      _ = try await store.control.resumeBackfill(id)
      _ = try await store.control.retryBackfill(id, partitions: nil)
      _ = try await store.control.retryBackfill(id, partitions: (1...25).map { $0 })
    }
    let isSettled = try await eventually {
      let claimed = try await store.claim(9)
      try await store.complete(claimed)
      try await store.sequencer.advanceFrontiers()
      return try await store.value(
        "SELECT NOT EXISTS (SELECT FROM backfill.partition WHERE state <> 'succeeded')", Bool.self)
    }
    #expect(isSettled, "ready partitions are never claimed")
  }
}
