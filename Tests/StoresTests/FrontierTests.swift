import DatabaseFixtures
import Domain
import Postgres
import Testing

@testable import Stores

@Suite("The frontiers of a lane")
struct FrontierTests {
  @Test("move past what is done, and what an operator retries behind them is found")
  func retried() async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 30)
      let claimed = try await store.claim(20)
      for partition in claimed[..<5] { try await store.end(partition, next: .fail) }
      try await store.complete(Array(claimed[5...]))
      try await store.sequencer.advanceFrontiers()
      let frontier = try await store.value("SELECT ready_frontier FROM backfill.lane", Int32.self)
      #expect(frontier == 21)
      #expect(
        try await store.control.retryBackfill(backfill, partitions: [4, 2, 9, 25])
          == .done(partitions: 2))
      #expect(try await store.claim(3).map(\.id.number) == [2, 4, 21])
      try await store.sequencer.advanceFrontiers()
      #expect(
        try await store.control.retryBackfill(backfill, partitions: nil) == .done(partitions: 3))
      #expect(try await store.claim(4).map(\.id.number) == [1, 3, 5, 22])
    }
  }

  @Test("keep a claim flat behind a snapshot that is held open")
  func heldSnapshot() async throws {
    let log = PlanLog()
    try await Fixture.with(connections: 2, onNotice: { log.note($0) }) { store in
      _ = try await store.submit(days: 3_000)
      try await store.database.withConnection { holder in
        try await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        while case let claimed = try await store.claim(100), claimed[0].id.number < 2_500 {
          try await store.complete(claimed)
          try await store.sequencer.advanceFrontiers()
        }
        try await store.sequencer.advanceFrontiers()
        let pages = try await store.database.withConnection(onNotice: { log.note($0) }) {
          connection in
          try await connection.execute(PlanLog.start)
          _ = log.take()
          _ = try await connection.query(PartitionStore.claim, (store.worker.rawValue, 1, 60))
          return PlanLog.pagesTouched(in: log.take().filter { $0.contains("WITH source") })
        }
        // Twenty-five hundred dead entries would be as many pages looked up.
        #expect(pages > 0)
        #expect(pages < 500)
        try await holder.execute("ROLLBACK")
      }
    }
  }

  @Test("do not lose what began to wait in a transaction that took longer than they allow for")
  func lateWait() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 2)
      let claimed = try await store.claim(2)
      try await store.database.withConnection { slow in
        try await slow.execute("BEGIN")
        try await slow.execute(
          """
          UPDATE backfill.partition SET state = 'waiting', fence = fence + 1,
              not_before = clock_timestamp() - interval '10 minutes' WHERE number = 1
          """)
        try await store.sequencer.advanceFrontiers()
        try await slow.execute("COMMIT")
      }
      #expect(try await store.claim().isEmpty)
      // It is found when the lane is searched as a whole, once a minute.
      try await store.execute(
        "UPDATE backfill.lane SET searched_at = searched_at - interval '1 minute'")
      try await store.sequencer.advanceFrontiers()
      #expect(try await store.claim().map(\.id.number) == [1])
      #expect(claimed.count == 2)
    }
  }

  @Test("are found again wherever they were left", arguments: ["ready", "due", "running"])
  func recovery(_ kind: String) async throws {
    try await Fixture.with { store in
      let backfill = try await store.submit(days: 3, concurrency: 1)
      let claimed = try await store.claimOne()
      let far = kind == "ready" ? "1000" : "clock_timestamp() + interval '1 day'"
      if kind == "due" { try await store.end(claimed) }
      if kind == "ready" { try await store.complete([claimed]) }
      try await store.execute(
        """
        UPDATE backfill.lane SET \(kind)_frontier = \(far),
            searched_at = searched_at - interval '1 minute'
        """)
      try await store.sequencer.advanceFrontiers()
      switch kind {
      case "ready": #expect(try await store.claim(9).map(\.id.number) == [2])
      case "due": #expect(try await store.claim(9).map(\.id.number) == [1])
      default:
        // It is counted for the cap, and lost when its lease runs out.
        #expect(try await store.claim(9).isEmpty)
        #expect(try await store.backfills.findBackfill(backfill)?.counts[.running] == 1)
        try await store.expire()
        #expect(try await store.rescueLost() == 1)
      }
    }
  }

  @Test("hide nothing that is claimed while the clock is set back")
  func clockSetBack() async throws {
    try await Fixture.with { store in
      _ = try await store.submit(days: 3, concurrency: 1)
      try await store.execute(
        "UPDATE backfill.lane SET running_frontier = clock_timestamp() + interval '1 hour'")
      #expect(try await store.claim(9).count == 1)
      #expect(try await store.claim(9).isEmpty)
      try await store.expire()
      #expect(try await store.rescueLost() == 1)
    }
  }
}

extension FrontierTests {
  @Test("keep a claim flat among many parts of one partition, behind a snapshot that is held open")
  func manyParts() async throws {
    let log = PlanLog()
    try await Fixture.with(connections: 2, onNotice: { log.note($0) }) { store in
      _ = try await store.submit(days: 1)
      let whole = try await store.claimOne()
      let seconds = (1..<3_000).map { Fixture.start.adding(microseconds: Int64($0) * 1_000_000) }
      _ = try await store.partitions.splitPartition(
        PartitionSplit(
          held: HeldPartition(id: whole.id, fence: whole.fence), .replaced, at: seconds,
          kind: "window_too_large", message: "It holds too much.", requests: 0))
      try await store.database.withConnection { holder in
        try await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        while case let claimed = try await store.claim(100), claimed[0].id.number < 2_500 {
          try await store.complete(claimed)
          try await store.sequencer.advanceFrontiers()
        }
        try await store.sequencer.advanceFrontiers()
        let pages = try await store.database.withConnection(onNotice: { log.note($0) }) {
          connection in
          try await connection.execute(PlanLog.start)
          _ = log.take()
          _ = try await connection.query(PartitionStore.claim, (store.worker.rawValue, 1, 60))
          return PlanLog.pagesTouched(in: log.take().filter { $0.contains("WITH source") })
        }
        #expect(pages > 0)
        #expect(pages < 500)
        try await holder.execute("ROLLBACK")
      }
    }
  }
}
