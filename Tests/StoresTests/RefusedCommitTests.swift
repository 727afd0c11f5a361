import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("A commit that is refused")
struct RefusedCommitTests {
  /// What a worker may do wrong, and what it is told.
  enum Wrong: String, CaseIterable {
    case oldFence, newFence, expired, repeated, gap, again, cancelled, ended, lostAndReclaimed
    case noSuchPartition, probeOfNew, probeOfChanged

    var answer: CommitAnswer {
      switch self {
      case .oldFence, .newFence, .gap, .again, .cancelled, .ended, .lostAndReclaimed,
        .noSuchPartition:
        .fenced
      case .expired: .expired
      case .repeated: .repeated
      case .probeOfNew, .probeOfChanged: .payloadNeeded
      }
    }
  }

  @Test("writes nothing at all", arguments: Wrong.allCases)
  func nothing(_ wrong: Wrong) async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 1)
      var claimed = try await store.claimOne()
      _ = try await store.commit(claimed, [record("a")], cursor: "1")
      _ = try await store.commit(claimed, [record("b")], sequence: 2, cursor: "2")
      var sequence: Int32 = 3
      var isProbe = false
      var records = [record("a", v: 2), record("new"), #"{"at":1709300000}"#, record("out", at: 1)]
      switch wrong {
      case .oldFence: claimed.fence -= 1
      case .newFence: claimed.fence += 1
      case .expired: try await store.execute("UPDATE backfill.partition SET lease_until = now()")
      case .repeated: sequence = 2
      case .gap: sequence = 4
      case .again: sequence = 1
      case .cancelled: _ = try await store.control.cancelBackfill(backfill)
      case .ended:
        _ = try await store.commit(claimed, [], sequence: 3, end: .succeeded)
        sequence = 4
      case .lostAndReclaimed:
        try await store.expire()
        _ = try await store.rescueLost()
        _ = try await store.claimOne()
      case .noSuchPartition: claimed.id.number = 99
      case .probeOfNew:
        isProbe = true
        records = [record("a"), record("new")]
      case .probeOfChanged:
        isProbe = true
        records = [record("a", amount: "2"), record("b")]
      }
      let before = try await store.database.snapshot(withTransactions: true)
      let answer = try await store.commit(
        claimed, records, sequence: sequence, cursor: "9", isProbe: isProbe)
      #expect(answer == wrong.answer)
      #expect(try await store.database.snapshot(withTransactions: true) == before)
    }
  }

  @Test("because its lease ran out while it waited for the partition's lock writes nothing")
  func expiredWhileWaiting() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne(lease: 2)
      let before = try await store.database.snapshot(withTransactions: true)
      let answer = try await store.database.withConnection { holder in
        try await holder.execute("BEGIN; SELECT FROM backfill.partition FOR UPDATE")
        async let answer = store.commit(claimed, [record("a")], cursor: "1")
        #expect(try await store.eventuallyWaiting(1))
        let isOver = try await eventually {
          try await store.value(
            "SELECT lease_until < clock_timestamp() FROM backfill.partition", Bool.self)
        }
        #expect(isOver)
        try await holder.execute("ROLLBACK")
        return try await answer
      }
      #expect(answer == .expired)
      #expect(try await store.database.snapshot(withTransactions: true) == before)
    }
  }

  @Test("in the middle of its writing leaves nothing")
  func failsInside() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 1)
      let claimed = try await store.claimOne()
      let before = try await store.database.snapshot(withTransactions: true)
      var order = try store.order(claimed, [record("a"), record("b")], cursor: "1")
      order.leaseSeconds = .infinity
      await #expect(throws: PostgresError.self) {
        _ = try await store.commits.commit(order, staging: StageBuffer())
      }
      #expect(try await store.database.snapshot(withTransactions: true) == before)
    }
  }
}
