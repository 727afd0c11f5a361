import Postgres
import Processes
import Testing

extension FaultTests {
  @Suite struct StopTests {
    @Test("SIGTERM lets a worker commit what it read and give its partitions back")
    func drain() async throws {
      try await Stage.with(Goods(pages: 12, perPage: 20, isOdd: false)) { stage in
        stage.source.answer { _ in
          await pause(.milliseconds(120))
          return nil
        }
        try await stage.apply()
        let id = try await stage.submit(days: 6)
        let worker = try await stage.worker("one", concurrency: 6, lease: 15)
        try await wait(for: "the first batch") {
          try await stage.holds("count(*) > 0 FROM backfill.batch")
        }
        let askedAt = ContinuousClock.now
        worker.process.send(.terminate)
        #expect(await worker.process.wait() == .exited(0))
        report("a worker with six partitions ended \((.now - askedAt).seconds) s after SIGTERM")
        #expect(
          try await stage.holds("count(*) = 0 FROM backfill.partition WHERE state = 'running'"))
        #expect(try await stage.holds("sum(failures) = 0 FROM backfill.partition"))
        #expect(
          try await stage.holds(
            """
            count(*) > 0 FROM backfill.partition WHERE state = 'waiting' AND checkpoint IS NOT NULL
            """))
        let other = try await stage.worker("other", concurrency: 6)
        #expect(try await stage.end(of: id) == "succeeded")
        await other.process.stop()
        let again = stage.source.count - Set(stage.source.asked.map { [$0.day, $0.page] }).count
        report("pages read again after SIGTERM with 6 partitions: \(again)")
        #expect(again <= 6)
        try await expectSound(stage, days: 6)
      }
    }

    @Test("a second SIGTERM stops a worker at once, whatever the source does")
    func secondSignal() async throws {
      try await Stage.with { stage in
        let pages = HeldPages()
        stage.source.answer(by: pages.rule)
        try await stage.apply()
        let id = try await stage.submit(days: 3)
        let worker = try await stage.worker("one", lease: 1)
        try await stage.running(3, by: worker)
        try await wait(for: "three held pages") { pages.count == 3 }
        worker.process.send(.terminate)
        await pause(.milliseconds(300))
        #expect(worker.process.isRunning)
        let askedAt = ContinuousClock.now
        worker.process.send(.terminate)
        #expect(await worker.process.wait() == .exited(0))
        let took = ContinuousClock.now - askedAt
        report("a worker ended \(took.seconds) s after the second SIGTERM")
        #expect(took < .seconds(2))
        pages.letGo()
        let other = try await stage.worker("other", lease: 1)
        #expect(try await stage.end(of: id) == "succeeded")
        await other.process.stop()
        try await expectSound(stage, days: 3)
      }
    }

    @Test("what is claimed in the moment of a SIGTERM is given back too")
    func drainDuringClaim() async throws {
      try await Stage.with(Goods(pages: 12, perPage: 20, isOdd: false)) { stage in
        stage.source.answer { _ in
          await pause(.milliseconds(200))
          return nil
        }
        try await stage.apply()
        // A claim waits for whoever holds the source's budget.
        let holder = try await Connection.connect(ConnectionSettings(stage.conninfo))
        try await holder.execute("BEGIN; SELECT FROM backfill.request_budget FOR NO KEY UPDATE")
        _ = try await stage.submit(days: 3, from: Stage.firstDay + 6)
        let worker = try await stage.worker("one", concurrency: 3, lease: 15)
        try await wait(for: "a claim that waits") {
          try await !stage.backends(
            of: worker, where: "query LIKE '%claimPartitions%' AND wait_event_type = 'Lock'"
          ).isEmpty
        }
        worker.process.send(.terminate)
        await pause(.milliseconds(300))
        try await holder.execute("COMMIT")
        await holder.close()
        #expect(await worker.process.wait() == .exited(0))
        #expect(
          try await stage.holds(
            "count(*) = 0 FROM backfill.partition WHERE state IN ('running', 'succeeded')"))
        #expect(try await stage.holds("sum(failures) = 0 FROM backfill.partition"))
      }
    }
  }
}
