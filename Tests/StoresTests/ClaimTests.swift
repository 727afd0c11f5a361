import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A claim")
struct ClaimTests {
  @Test("gives the window, the checkpoint and a fence that grows with every claim and end")
  func fences() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      var fences: [Int64] = []
      for attempt in 1...5 {
        let claimed = try await store.claimOne()
        #expect(claimed.id == PartitionID(backfill: backfill, number: 1))
        #expect(claimed.window.from == Fixture.start)
        #expect(claimed.window.to == Fixture.start.adding(microseconds: 86_400_000_000))
        #expect(claimed.attempt == Int32(attempt))
        #expect(claimed.batchSequence == Int32(attempt - 1))
        #expect(claimed.checkpoint == (attempt == 1 ? nil : "page \(attempt - 1)"))
        #expect(claimed.read == Int64(attempt - 1))
        #expect(claimed.failures == Int32(attempt - 1))
        _ = try await store.commit(claimed, [record("a", v: attempt)], cursor: "page \(attempt)")
        fences.append(claimed.fence)
        try await store.end(claimed, failures: Int32(attempt))
        fences.append(
          try await store.value("SELECT fence FROM backfill.partition WHERE number = 1"))
      }
      #expect(fences == fences.sorted())
      #expect(Set(fences).count == fences.count)
    }
  }

  @Test(
    "is in the order of the backfill",
    arguments: [(ClaimOrder.oldest, [1, 2, 3, 4]), (.newest, [4, 3, 2, 1])])
  func order(_ order: ClaimOrder, _ numbers: [Int32]) async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 4, order: order)
      var claimed: [Int32] = []
      for _ in 1...4 { claimed.append(try await store.claimOne().id.number) }
      #expect(claimed == numbers)
      #expect(try await store.claim(9).isEmpty)
    }
  }

  @Test("takes the urgent first, and lets equals take turns, the one that runs least first")
  func fairness() async throws {
    try await Fixture.with { store in
      let plain = try await store.submit(days: 20)
      #expect(Set(try await store.claim(3).map(\.id.backfill)) == [plain])
      let late = try await store.submit(days: 20)
      let urgent = try await store.submit(days: 2, priority: 5)
      let background = try await store.submit(days: 20, priority: -5)
      func count(_ claimed: [ClaimedPartition]) -> [BackfillID: Int] {
        claimed.reduce(into: [:]) { $0[$1.id.backfill, default: 0] += 1 }
      }
      #expect(count(try await store.claim(5)) == [urgent: 2, late: 3])
      #expect(count(try await store.claim(4)) == [plain: 2, late: 2])
      #expect(count(try await store.claim(100)) == [plain: 15, late: 15, background: 20])
    }
  }

  @Test("keeps to the caps of backfills and of sources")
  func caps() async throws {
    try await Fixture.with(sourceConcurrency: 5) { store in
      let other = try await Fixture.applySource(
        "bank", ["bank.payments"], concurrency: nil, in: store.pool)[0]
      let narrow = try await store.submit(days: 9, concurrency: 2)
      let wide = try await store.submit(days: 9)
      let elsewhere = try await store.submit(days: 9, stream: other, concurrency: 3)
      let claimed = try await store.claim(100)
      func count(_ backfill: BackfillID) -> Int {
        claimed.filter { $0.id.backfill == backfill }.count
      }
      #expect(count(narrow) == 2)
      #expect(count(wide) == 3)
      #expect(count(elsewhere) == 3)
      #expect(try await store.claim(100).isEmpty)
      let mine = claimed.filter { $0.id.backfill == wide }
      try await store.complete([mine[0]])
      #expect(try await store.claim(100).map(\.id.backfill) == [wide])
      _ = try await store.control.setBackfill(elsewhere, concurrency: .some(4), priority: nil)
      #expect(try await store.claim(100).map(\.id.backfill) == [elsewhere])
      // The running partitions of a paused backfill count for its source.
      _ = try await store.control.pauseBackfill(wide)
      _ = try await store.control.setBackfill(narrow, concurrency: .some(nil), priority: nil)
      #expect(try await store.claim(100).isEmpty)
      _ = try await store.control.cancelBackfill(wide)
      #expect(try await store.claim(100).count == 3)
    }
  }

  @Test("counts what is tried again and what was not tried yet against one cap")
  func capOfBoth() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 9, concurrency: 3)
      for partition in try await store.claim(9) { try await store.end(partition) }
      #expect(try await store.claim(9).map(\.id.number) == [1, 2, 3])
      #expect(try await store.claim(9).isEmpty)
    }
  }

  @Test("gets nothing of what is paused, held, cancelled or not yet due")
  func closed() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3)
      _ = try await store.control.pauseBackfill(backfill)
      #expect(try await store.claim().isEmpty)
      _ = try await store.control.resumeBackfill(backfill)
      let claimed = try await store.claimOne()
      try await store.end(claimed, next: .wait(60_000_000))
      #expect(try await store.claim(9).map(\.id.number) == [2, 3])
      #expect(try await store.claim().isEmpty)
      try await store.execute(
        "UPDATE backfill.partition SET not_before = clock_timestamp() WHERE state = 'waiting'")
      #expect(try await store.claim(9).map(\.id.number) == [1])
      let second = try await store.submit(days: 3)
      try await store.budgets.holdRequests(to: store.stream.source, for: 60_000_000, reason: "429")
      // An earlier word of the source does not shorten a later one.
      try await store.budgets.holdRequests(to: store.stream.source, for: 1, reason: "429")
      #expect(try await store.claim().isEmpty)
      try await store.execute(
        "UPDATE backfill.request_budget SET held_until = clock_timestamp()")
      #expect(try await store.claimOne().id.backfill == second)
      _ = try await store.control.cancelBackfill(second)
      #expect(try await store.claim().isEmpty)
      #expect(try await store.claim(0).isEmpty)
    }
  }

  @Test("of work that is tried again comes before work that was not tried yet")
  func retriedFirst() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 5)
      let claimed = try await store.claim(2)
      try await store.end(claimed[1])
      #expect(try await store.claim(2).map(\.id.number) == [2, 3])
    }
  }

  @Test("tells when there will be something to claim")
  func nextDue() async throws {
    try await Fixture.with { store in
      #expect(try await store.partitions.nextDue() == nil)
      let backfill = try await store.submit(days: 3)
      let claimed = try await store.claim(2)
      try await store.end(claimed[0], next: .wait(90_000_000))
      try await store.end(claimed[1], next: .wait(60_000_000))
      let due = try #require(try await store.partitions.nextDue())
      #expect(due == (try await store.partition(2, of: backfill)).notBefore)
      try await store.budgets.holdRequests(
        to: store.stream.source, for: 3_600_000_000, reason: "429")
      let held = try #require(try await store.catalog.listSources().first?.heldUntil)
      #expect(held > due)
      #expect(try await store.partitions.nextDue() == held)
      _ = try await store.control.pauseBackfill(backfill)
      #expect(try await store.partitions.nextDue() == nil)
    }
  }
}
