import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A submit")
struct SubmitTests {
  @Test("writes the plan as it is, skipped parts with their reasons, and can be claimed at once")
  func plan() async throws {
    try await Fixture.with { store in
      let first = try await store.submit(days: 4)
      let claimed = try await store.claim(4)
      try await store.complete([claimed[0], claimed[2]])
      _ = try await store.control.cancelBackfill(first)
      let window = Window(
        from: Fixture.start, to: Fixture.start.adding(microseconds: 4 * 86_400_000_000))
      let covered = try await store.submits.findCoverage(stream: store.stream.id, window: window)
      #expect(covered.map(\.window) == [claimed[0].window, claimed[2].window])
      let plan = try Plan.make(
        window, step: .days(1), zone: .utc, order: .newest, only: .missing, covered: covered)
      let backfill = try await store.submits.submitBackfill(
        store.new(plan, window: window, selection: .missing))
      let rows = try await store.backfills.listPartitions(
        of: backfill, state: nil, after: 0, limit: 9)
      #expect(rows.map(\.state) == [.skipped, .ready, .skipped, .ready])
      #expect(rows[0].message?.isEmpty == false)
      #expect(rows.map(\.window).map(\.from) == claimed.map(\.window.from))
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.counts == PartitionCounts([.skipped: 2, .ready: 2]))
      #expect((row.total, row.selection, row.order) == (4, .missing, .newest))
      #expect(try await store.claim(9).map(\.id.number) == [4, 2])
    }
  }

  @Test("of which nothing is needed has succeeded")
  func nothingNeeded() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2)
      try await store.complete(try await store.claim(2))
      let window = Window(
        from: Fixture.start, to: Fixture.start.adding(microseconds: 2 * 86_400_000_000))
      let covered = try await store.submits.findCoverage(stream: store.stream.id, window: window)
      let plan = try Plan.make(
        window, step: .days(1), zone: .utc, only: .missing, covered: covered)
      let backfill = try await store.submits.submitBackfill(
        store.new(plan, window: window, selection: .missing))
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .succeeded)
      #expect(row.finishedAt != nil)
      #expect(try await store.claim().isEmpty)
    }
  }

  @Test("finds failures as long as no later backfill made them good")
  func failures() async throws {
    try await Fixture.with { store in
      let first = try await store.submit(days: 3)
      for claimed in try await store.claim(3) { try await store.end(claimed, next: .fail) }
      let window = Window(
        from: Fixture.start, to: Fixture.start.adding(microseconds: 3 * 86_400_000_000))
      func failed() async throws -> [Int] {
        try await store.submits.findFailures(stream: store.stream.id, window: window).map {
          Int($0.window.from.microseconds(since: Fixture.start) / 86_400_000_000) + 1
        }
      }
      #expect(try await failed() == [1, 2, 3])
      _ = try await store.submit(days: 2)
      let again = try await store.claim(2)
      try await store.complete([again[0]])
      #expect(try await failed() == [2, 3])
      try await store.end(again[1], next: .fail)
      // The second day failed twice now.
      #expect(try await failed() == [2, 2, 3])
      _ = try await store.submit(days: 3)
      try await store.complete(try await store.claim(3))
      #expect(try await failed().isEmpty)
      #expect(try await store.control.retryBackfill(first, partitions: [1]) == .done(partitions: 1))
    }
  }

  @Test("of a hundred years in days is one copy, and can be claimed from its beginning")
  func large() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 36_500)
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.total == 36_500)
      #expect(try await store.claim(3).map(\.id.number) == [1, 2, 3])
    }
  }
}
