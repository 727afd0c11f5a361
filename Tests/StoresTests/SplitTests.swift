import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A partition that is split")
struct SplitTests {
  @Test("is replaced by its parts, keeps what it did, and the counts add up")
  func replaced() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [record("a"), record("b")], cursor: "1")
      #expect(try await store.split(claimed, at: [12]) == .split(into: [3, 4]))
      let parent = try await store.partition(1, of: backfill)
      #expect(parent.state == .replaced)
      #expect(parent.kind == "window_too_large")
      #expect(parent.records.read == 2)
      #expect(parent.checkpoint == "1")
      #expect(parent.parts == [3, 4])
      let parts = [
        try await store.partition(3, of: backfill), try await store.partition(4, of: backfill),
      ]
      #expect(parts.map(\.window) == [Fixture.hours(0, 12), Fixture.hours(12, 24)])
      #expect(parts.map(\.parent) == [1, 1])
      #expect(parts.map(\.state) == [.ready, .ready])
      let attempts = try await store.backfills.listAttempts(of: backfill, partition: 1, limit: 9)
      #expect(attempts.map(\.outcome) == ["replaced"])
      #expect(attempts.map(\.batches) == [1])
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.total == 4)
      #expect(row.counts == PartitionCounts([.ready: 3, .replaced: 1]))
      #expect(row.counts.needed == 3)
      try await store.finish(backfill)
      let ended = try #require(try await store.backfills.findBackfill(backfill))
      #expect(ended.state == .succeeded)
      #expect(ended.counts == PartitionCounts([.succeeded: 3, .replaced: 1]))
      try await store.expectCountsAddUp()
    }
  }

  @Test("that outgrew its attempt succeeds as what is done, and its parts are the rest")
  func sharedOut() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [record("a")], cursor: "1")
      #expect(
        try await store.split(claimed, at: [6, 12], .doneUpToFirstCut) == .split(into: [2, 3]))
      let parent = try await store.partition(1, of: backfill)
      #expect(parent.state == .succeeded)
      #expect(parent.window == Fixture.hours(0, 6))
      #expect(parent.checkpoint == nil)
      #expect(try await store.partition(2, of: backfill).window == Fixture.hours(6, 12))
      #expect(try await store.partition(3, of: backfill).window == Fixture.hours(12, 24))
      try await store.finish(backfill)
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .succeeded)
      #expect(row.counts == PartitionCounts([.succeeded: 3]))
      try await store.expectCountsAddUp()
    }
  }

  @Test(
    "gives its place in the order to its parts, however deep",
    arguments: [ClaimOrder.oldest, .newest, .strict])
  func order(_ order: ClaimOrder) async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3, order: order)
      var windows: [Window] = []
      var splits = 0
      while let claimed = try await store.claim(1).first {
        try await store.sequencer.advanceFrontiers()
        let hours = claimed.window.to.microseconds(since: claimed.window.from) / 3_600_000_000
        if claimed.window.from < Fixture.hours(48, 72).from, hours > 3, splits < 9 {
          splits += 1
          let from = claimed.window.from.microseconds(since: Fixture.start) / 3_600_000_000
          #expect(
            try await store.split(claimed, at: [Int(from + hours / 2)])
              == .split(into: [Int32(2 + splits * 2), Int32(3 + splits * 2)]))
          try await store.sequencer.advanceFrontiers()
        } else {
          windows.append(claimed.window)
          try await store.complete([claimed])
        }
      }
      try await store.fold()
      let inTime = windows.sorted { $0.from < $1.from }
      #expect(windows == (order == .newest ? inTime.reversed() : inTime))
      #expect(splits == 9)
      #expect(windows.count == 12)
      #expect(try await store.backfills.findBackfill(backfill)?.state == .succeeded)
    }
  }

  @Test("is not split by who has lost it, or whose lease ran out, or after a cancel")
  func fenced() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3)
      let claimed = try await store.claim(3)
      try await store.end(claimed[0])
      try await store.expire()
      let before = try await store.database.snapshot(withTransactions: true)
      #expect(try await store.split(claimed[0], at: [12]) == .fenced)
      #expect(try await store.split(claimed[1], at: [36]) == .expired)
      #expect(try await store.database.snapshot(withTransactions: true) == before)
      _ = try await store.control.cancelBackfill(backfill)
      #expect(try await store.split(claimed[1], at: [36]) == .fenced)
      #expect(try await store.backfills.findBackfill(backfill)?.total == 3)
    }
  }

  @Test("is split once, however often the order comes, and every order gets the same answer")
  func repeated() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      let claimed = try await store.claim(2)
      for _ in 1...3 {
        #expect(try await store.split(claimed[0], at: [12]) == .split(into: [3, 4]))
      }
      for _ in 1...3 {
        #expect(
          try await store.split(claimed[1], at: [30], .doneUpToFirstCut) == .split(into: [5]))
      }
      try await store.finish(backfill)
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.counts == PartitionCounts([.succeeded: 4, .replaced: 1]))
      try await store.expectCountsAddUp()
    }
  }

  @Test("is left as it is where the backfill would have more partitions than one may")
  func tooMany() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      try await store.execute("UPDATE backfill.backfill SET total = 999999")
      let before = try await store.database.snapshot(withTransactions: true)
      #expect(try await store.split(claimed, at: [12]) == .tooMany)
      #expect(try await store.split(claimed, at: [6, 12], .doneUpToFirstCut) == .tooMany)
      #expect(try await store.database.snapshot(withTransactions: true) == before)
      #expect(try await store.split(claimed, at: [6], .doneUpToFirstCut) == .split(into: [2]))
      #expect(try await store.backfills.findBackfill(backfill)?.total == 1_000_000)
    }
  }

  @Test("closes the rejections of what is read again")
  func rejections() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [#"{"at":1709300000,"v":1}"#, record("a")], cursor: "1")
      #expect(try await store.split(claimed, at: [12]) == .split(into: [2, 3]))
      #expect(
        try await store.value(
          "SELECT closed_as FROM backfill.rejection", String?.self) == "read_again")
    }
  }
}

@Suite("After a split")
struct SplitFollowingTests {
  @Test("a retry tries the part that failed, and who names the whole means its parts")
  func retry() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      _ = try await store.split(try await store.claimOne(), at: [12])
      let parts = try await store.claim(2)
      _ = try await store.split(parts[0], at: [6])
      try await store.complete([parts[1]])
      for part in try await store.claim(2) { try await store.end(part, next: .fail) }
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .partiallyFailed)
      #expect(row.counts == PartitionCounts([.succeeded: 1, .failed: 2, .replaced: 2]))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: [3]) == .done(partitions: 0))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: [5]) == .done(partitions: 1))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: [1]) == .done(partitions: 1))
      #expect(try await store.claim(9).map(\.id.number) == [4, 5])
      try await store.expire()
      try await store.rescueLost()
      try await store.finish(backfill)
      #expect(try await store.backfills.findBackfill(backfill)?.state == .succeeded)
      try await store.expectCountsAddUp()
    }
  }

  @Test("the parts cover the window together, and what failed of them is all that failed")
  func coverage() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      let claimed = try await store.claim(2)
      _ = try await store.split(claimed[0], at: [12])
      _ = try await store.split(claimed[1], at: [36], .doneUpToFirstCut)
      let window = Fixture.hours(0, 48)
      let parts = try await store.claim(3)
      try await store.complete([parts[0], parts[2]])
      try await store.end(parts[1], next: .fail)
      let covered = try await store.submits.findCoverage(stream: store.stream.id, window: window)
      let failed = try await store.submits.findFailures(stream: store.stream.id, window: window)
      #expect(
        covered.map(\.window)
          == [Fixture.hours(0, 12), Fixture.hours(24, 36), Fixture.hours(36, 48)])
      #expect(failed.map(\.window) == [Fixture.hours(12, 24)])
      for (selection, numbers) in [(Selection.missing, [1]), (.failed, [1]), (.all, [1, 2])] {
        let plan = try Plan.make(
          window, step: .days(1), zone: .utc, only: selection, covered: covered, failed: failed)
        #expect(plan.partitions.map(\.number) == numbers, "\(selection)")
      }
      try await store.fold()
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 1))
      try await store.finish(backfill)
      let plan = try Plan.make(
        window, step: .days(1), zone: .utc, only: .missing,
        covered: try await store.submits.findCoverage(stream: store.stream.id, window: window))
      #expect(plan.partitions.isEmpty)
    }
  }

  @Test("a cancel cancels the parts, and a retry brings them back")
  func cancel() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      _ = try await store.split(try await store.claimOne(), at: [12])
      #expect(try await store.control.cancelBackfill(backfill) == .done(partitions: 3))
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .cancelled)
      #expect(row.counts == PartitionCounts([.cancelled: 3, .replaced: 1]))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 3))
      let again = try await store.claim(9)
      #expect(again.map(\.id.number) == [3, 4, 2])
      try await store.complete(again)
      try await store.finish(backfill)
      #expect(try await store.backfills.findBackfill(backfill)?.state == .succeeded)
      try await store.expectCountsAddUp()
    }
  }

  @Test("a strict backfill stops behind a part that failed")
  func strict() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2, order: .strict)
      _ = try await store.split(try await store.claimOne(), at: [12])
      let first = try await store.claimOne()
      #expect(first.window == Fixture.hours(0, 12))
      try await store.end(first, next: .fail)
      #expect(try await store.claim(9).isEmpty)
      try await store.sequencer.advanceFrontiers()
      #expect(try await store.claim(9).isEmpty)
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 1))
      for window in [Fixture.hours(0, 12), Fixture.hours(12, 24), Fixture.hours(24, 48)] {
        let claimed = try await store.claimOne()
        #expect(claimed.window == window)
        try await store.complete([claimed])
      }
    }
  }
}

extension Fixture {
  /// So many hours from the fixture's first day on.
  static func hours(_ from: Int, _ to: Int) -> Window {
    Window(from: hour(from), to: hour(to))
  }

  private static func hour(_ hour: Int) -> Instant {
    start.adding(microseconds: Int64(hour) * 3_600_000_000)
  }

  /// Splits a partition at hours counted from the fixture's first day.
  func split(
    _ claimed: ClaimedPartition, at hours: [Int], _ parent: PartitionSplit.Parent = .replaced,
    requests: Int32 = 0
  ) async throws -> SplitAnswer {
    try await partitions.splitPartition(
      PartitionSplit(
        held: HeldPartition(id: claimed.id, fence: claimed.fence), parent,
        at: hours.map(Self.hour), kind: "window_too_large", message: "It holds too much.",
        requests: requests))
  }

  /// Completes everything that can be claimed, and folds.
  func finish(_ backfill: BackfillID) async throws {
    while case let claimed = try await claim(100), !claimed.isEmpty {
      try await complete(claimed)
    }
    try await fold()
  }
}
