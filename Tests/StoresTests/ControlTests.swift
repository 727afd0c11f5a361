import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("An operator's order")
struct ControlTests {
  @Test(
    "to retry leaves every succeeded partition untouched, byte for byte", arguments: [true, false])
  func retryTouchesOnlyFailed(_ all: Bool) async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 12)
      for claimed in try await store.claim(12) {
        _ = try await store.commit(claimed, [record("k\(claimed.id.number)")], cursor: "1")
        if claimed.id.number % 4 == 0 {
          try await store.end(claimed, next: .fail)
        } else {
          _ = try await store.commit(
            claimed, [record("l\(claimed.id.number)")], sequence: 2, end: .succeeded)
        }
      }
      try await store.fold()
      let before = try await store.database.snapshot(withTransactions: true)
      #expect(try await store.backfills.findBackfill(backfill)?.state == .partiallyFailed)
      #expect(
        try await store.control.retryBackfill(backfill, partitions: all ? nil : [1, 4, 8, 99])
          == .done(partitions: all ? 3 : 2))
      let retried = try await store.claim(12)
      #expect(retried.map(\.id.number) == (all ? [4, 8, 12] : [4, 8]))
      #expect(retried.map(\.checkpoint) == retried.map { _ in "1" })
      #expect(retried.map(\.failures) == retried.map { _ in 0 })
      for claimed in retried {
        _ = try await store.commit(
          claimed, [record("l\(claimed.id.number)")], end: .succeeded)
      }
      try await store.fold()
      let after = try await store.database.snapshot(withTransactions: true)
      func rows(_ table: String, _ state: [String: [String]]) -> [String] {
        (state[table] ?? []).filter { row in
          table != "partition" || row.contains(",succeeded,")
        }
      }
      for table in ["partition", "document", "attempt_default", "batch_keys_default"] {
        let lost = Set(rows(table, before)).subtracting(after[table] ?? [])
        #expect(lost.isEmpty, "\(table): \(lost)")
      }
      #expect(rows("partition", before).count == 9)
      #expect(
        try await store.backfills.findBackfill(backfill)?.state
          == (all ? .succeeded : .partiallyFailed))
      try await store.expectCountsAddUp()
    }
  }

  @Test(
    "to retry what was refused too often reads it from its beginning, and closes its rejections")
  func readAgain() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      let bad = Array(repeating: #"{"at":1709300000,"v":1}"#, count: 20)
      _ = try await store.commit(claimed, [record("a")], cursor: "1")
      _ = try await store.commit(claimed, bad, sequence: 2, end: .succeeded)
      try await store.fold()
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 1))
      let again = try await store.claimOne()
      #expect(again.checkpoint == nil)
      #expect((again.read, again.rejected) == (0, 0))
      #expect(again.batchSequence == 2)
      let closed = try await store.value(
        "SELECT count(*) FROM backfill.rejection WHERE closed_as = 'read_again'", Int64.self)
      #expect(closed == 20)
      _ = try await store.commit(again, [record("a"), record("b")], end: .succeeded)
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .succeeded)
      #expect(row.counts == PartitionCounts([.succeeded: 1]))
    }
  }

  @Test("to cancel lets no batch commit any more, and can be taken back by a retry")
  func cancel() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 6)
      let claimed = try await store.claim(3)
      try await store.complete([claimed[0]])
      try await store.end(claimed[1])
      #expect(try await store.control.cancelBackfill(backfill) == .done(partitions: 5))
      #expect(
        try await store.commit(claimed[2], [record("a")], end: .succeeded) == .fenced)
      #expect(try await store.complete([claimed[2]]).isEmpty)
      try await store.fold()
      let row = try #require(try await store.backfills.findBackfill(backfill))
      #expect(row.state == .cancelled)
      #expect(row.counts == PartitionCounts([.succeeded: 1, .cancelled: 5]))
      #expect(try await store.control.cancelBackfill(backfill) == .refused(.cancelled))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 5))
      let again = try await store.claim(9)
      #expect(again.map(\.id.number) == [2, 3, 4, 5, 6])
      try await store.complete(again)
      try await store.fold()
      #expect(try await store.backfills.findBackfill(backfill)?.state == .succeeded)
    }
  }

  @Test("to cancel what has all ended changes nothing of how it ended")
  func cancelTooLate() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 2)
      try await store.complete(try await store.claim(2))
      #expect(try await store.control.cancelBackfill(backfill) == .done(partitions: 0))
      try await store.fold()
      #expect(try await store.backfills.findBackfill(backfill)?.state == .succeeded)
    }
  }

  @Test("makes no sense in some states, and for a backfill that is not there")
  func refused() async throws {
    try await Fixture.with { store in
      let missing = BackfillID(rawValue: 77)
      #expect(try await store.control.pauseBackfill(missing) == .unknown)
      let backfill = try await store.submit(days: 1)
      #expect(try await store.control.resumeBackfill(backfill) == .refused(.running))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 0))
      try await store.complete(try await store.claim())
      try await store.fold()
      let before = try await store.database.snapshot(withTransactions: true)
      #expect(try await store.control.pauseBackfill(backfill) == .refused(.succeeded))
      #expect(
        try await store.control.retryBackfill(backfill, partitions: [1]) == .refused(.succeeded))
      #expect(
        try await store.control.setBackfill(backfill, concurrency: nil, priority: 3)
          == .refused(.succeeded))
      #expect(try await store.database.snapshot(withTransactions: true) == before)
    }
  }
}
