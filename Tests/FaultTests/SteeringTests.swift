import DatabaseFixtures
import Domain
import Processes
import Stores
import Testing

extension FaultTests {
  @Suite struct SteeringTests {
    @Test("after a cancel nothing is committed, at whatever moment it comes")
    func cancel() async throws {
      try await Stage.with { stage in
        var generator = SeededGenerator(seed: Scale.seed)
        try await stage.apply()
        let workers = [try await stage.worker("one"), try await stage.worker("two")]
        let trials = 25 * Scale.factor
        var batches: [BackfillID: Int64] = [:]
        var last = BackfillID(rawValue: 0)
        for _ in 0..<trials {
          let id = try await stage.submit(days: 8)
          last = id
          let goal = stage.source.count + Int.random(in: 0...25, using: &generator)
          try await wait(for: "some requests") {
            if stage.source.count >= goal { return true }
            return try await hasEnded(id, stage)
          }
          guard case .done = try await stage.control.cancelBackfill(id) else { continue }
          batches[id] = try await count(id, stage)
        }
        try await stage.end(of: last)
        for worker in workers { #expect(await worker.process.stop() == .exited(0)) }
        var late = 0
        for (id, before) in batches where try await count(id, stage) != before { late += 1 }
        report("batches committed after a cancel: \(rate(late, of: batches.count))")
        #expect(late == 0)
        #expect(batches.count > trials / 2)
        #expect(
          try await stage.column(
            """
            SELECT b::text FROM backfill.batch b JOIN backfill.partition p
                ON p.backfill_id = b.backfill_id AND p.number = b.number
              WHERE p.state = 'cancelled' AND b.committed_at > p.finished_at
            """, String.self) == [])
        try await expectSound(stage, days: 8, unfinished: Set(Stage.firstDay..<Stage.firstDay + 8))
      }
    }

    @Test("a cancel waits for the commit that is under way, and refuses the next")
    func cancelInsideCommit() async throws {
      try await Stage.with(Goods(pages: 1, perPage: 20, isOdd: false)) { stage in
        let barrier = try await CommitBarrier.put(on: stage)
        try await stage.apply()
        try await barrier.close()
        let id = try await stage.submit(days: 3)
        let worker = try await stage.worker("one", concurrency: 1, lease: 15)
        try await barrier.reached(by: worker)
        async let cancelled = stage.control.cancelBackfill(id)
        try await wait(for: "a cancel that waits") {
          try await stage.holds(
            """
            count(*) > 0 FROM pg_stat_activity
              WHERE query LIKE '%cancelPartitions%' AND wait_event_type = 'Lock'
                AND datname = current_database()
            """)
        }
        try await barrier.open()
        #expect(try await cancelled == .done(partitions: 2))
        #expect(try await count(id, stage) == 1)
        #expect(try await stage.end(of: id) == "cancelled")
        #expect(await worker.process.stop() == .exited(0))
        await barrier.remove()
        #expect(try await count(id, stage) == 1)
        try await expectSound(
          stage, days: 3, unfinished: [Stage.firstDay, Stage.firstDay + 1, Stage.firstDay + 2])
      }
    }

    @Test("a paused backfill gives its partitions back, and goes on later where it was")
    func pauseAndResume() async throws {
      try await Stage.with(Goods(pages: 12, perPage: 20, isOdd: false)) { stage in
        stage.source.answer { _ in
          await pause(.milliseconds(150))
          return nil
        }
        try await stage.apply()
        let id = try await stage.submit(days: 6)
        let worker = try await stage.worker("one", concurrency: 6, lease: 2)
        try await wait(for: "the first batch") {
          try await stage.holds("count(*) > 0 FROM backfill.batch")
        }
        #expect(try await stage.control.pauseBackfill(id) == .done(partitions: 0))
        try await wait(for: "the return of all partitions") {
          try await stage.holds("count(*) = 0 FROM backfill.partition WHERE state = 'running'")
        }
        let batches = try await count(id, stage)
        let asked = stage.source.count
        #expect(
          try await stage.holds("count(*) > 0 FROM backfill.partition WHERE state = 'waiting'"))
        #expect(try await stage.control.resumeBackfill(id) == .done(partitions: 0))
        #expect(try await stage.end(of: id) == "succeeded")
        #expect(await worker.process.stop() == .exited(0))
        #expect(batches < (try await count(id, stage)))
        let again = stage.source.count - Set(stage.source.asked.map { [$0.day, $0.page] }).count
        report(
          "pages read again after a pause of 6 partitions: \(again); \(asked) were asked before")
        #expect(again <= 6)
        #expect(try await stage.holds("sum(failures) = 0 FROM backfill.partition"))
        try await expectSound(stage, days: 6)
      }
    }

    @Test("a lower concurrency holds for whatever is claimed from then on")
    func setConcurrency() async throws {
      try await Stage.with(Goods(pages: 2, perPage: 20, isOdd: false)) { stage in
        stage.source.answer { _ in
          await pause(.milliseconds(30))
          return nil
        }
        try await stage.apply()
        let id = try await stage.submit(days: 40)
        let worker = try await stage.worker("one", concurrency: 6)
        try await stage.running(4, by: worker)
        #expect(
          try await stage.control.setBackfill(id, concurrency: .some(2), priority: 3)
            == .done(partitions: 0))
        try await wait(for: "fewer partitions at once") { try await running(id, stage) <= 2 }
        var most: Int64 = 0
        while try await !hasEnded(id, stage) {
          most = max(most, try await running(id, stage))
          await pause(.milliseconds(5))
        }
        #expect(most == 2)
        #expect(try await stage.end(of: id) == "succeeded")
        await worker.process.stop()
        try await expectSound(stage, days: 40)
      }
    }

    private func hasEnded(_ id: BackfillID, _ stage: Stage) async throws -> Bool {
      try await stage.holds("finished_at IS NOT NULL FROM backfill.backfill WHERE id = \(id)")
    }

    private func count(_ id: BackfillID, _ stage: Stage) async throws -> Int64 {
      try await stage.value("SELECT count(*) FROM backfill.batch WHERE backfill_id = \(id)")
    }

    private func running(_ id: BackfillID, _ stage: Stage) async throws -> Int64 {
      try await stage.value(
        "SELECT count(*) FROM backfill.partition WHERE backfill_id = \(id) AND state = 'running'")
    }
  }
}
