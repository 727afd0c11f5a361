import Domain
import Processes
import Stores
import Testing

extension FaultTests {
  @Suite struct PoisonTests {
    @Test("a partition that kills its workers fails after its attempts; the others succeed")
    func poison() async throws {
      try await Stage.with { stage in
        let day = Stage.firstDay + 4
        let pages = HeldPages { $0.day == day }
        stage.source.answer(by: pages.rule)
        try await stage.apply(retry: #"{base: "50ms"}"#)
        let id = try await stage.submit(days: 20)
        var workers = [
          try await stage.worker("w0", lease: 1), try await stage.worker("w1", lease: 1),
        ]
        var kills = 0
        while try await stage.value(state(of: day), String.self) != "failed" {
          guard let victim = try await holder(of: day, among: workers, stage) else {
            await pause(.milliseconds(20))
            continue
          }
          kills += 1
          #expect(kills <= RetryRule.standard.attempts)
          await workers.remove(at: victim).kill()
          workers.append(try await stage.worker("w\(kills + 1)", lease: 1))
        }
        #expect(kills == RetryRule.standard.attempts)
        #expect(try await stage.end(of: id) == "partially_failed")
        let reason: String = try await stage.value(
          "SELECT kind || ': ' || message FROM backfill.partition WHERE state = 'failed'")
        report("a poison partition failed after \(kills) kills with: \(reason)")
        #expect(reason.hasPrefix("lost: ") && reason.hasSuffix("its lease run out."))
        #expect(
          try await stage.holds("count(*) = 19 FROM backfill.partition WHERE state = 'succeeded'"))
        pages.letGo()
        _ = try await stage.control.retryBackfill(id, partitions: nil)
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        try await expectSound(stage, days: 20)
      }
    }

    @Test("a partition that kills its workers takes none with it that run beside it")
    func neighbours() async throws {
      try await Stage.with(Goods(pages: 1, perPage: 10, isOdd: false)) { stage in
        let day = Stage.firstDay + 1
        let pages = HeldPages { $0.day == day }
        // The others are slow: none has committed anything when the worker dies.
        stage.source.answer { asked in
          if asked.day != day { await pause(.seconds(1.5)) }
          return await pages.rule(asked)
        }
        try await stage.apply(retry: #"{base: "50ms"}"#)
        let id = try await stage.submit(days: 3)
        var worker = try await stage.worker("w0", lease: 1)
        var kills = 0
        while try await stage.value(state(of: day), String.self) != "failed" {
          guard pages.count > kills else {
            await pause(.milliseconds(20))
            continue
          }
          kills += 1
          await pause(.milliseconds(200))
          await worker.kill()
          worker = try await stage.worker("w\(kills)", lease: 1)
        }
        #expect(kills == RetryRule.standard.attempts)
        #expect(try await stage.end(of: id) == "partially_failed")
        #expect(
          try await stage.holds("count(*) = 2 FROM backfill.partition WHERE state = 'succeeded'"))
        pages.letGo()
        await worker.process.stop()
        try await expectSound(stage, days: 3, unfinished: [day])
      }
    }

    private func state(of day: Int) -> String {
      """
      SELECT state FROM backfill.partition
        WHERE from_at = '\(CivilDate(dayNumber: day)) 00:00+00'
      """
    }

    /// The worker that runs the partition of a day.
    private func holder(
      of day: Int, among workers: [WorkerProcess], _ stage: Stage
    ) async throws -> Int? {
      let names = try await stage.column(
        """
        SELECT w.name FROM backfill.partition p JOIN backfill.worker w ON w.id = p.worker_id
          WHERE p.from_at = '\(CivilDate(dayNumber: day)) 00:00+00' AND p.state = 'running'
            AND p.lease_until > clock_timestamp()
        """, String.self)
      return workers.firstIndex { worker in names.contains { $0.hasSuffix(":\(worker.id)") } }
    }
  }
}
