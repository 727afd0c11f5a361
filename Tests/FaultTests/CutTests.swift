import DatabaseFixtures
import Foundation
import Processes
import Testing
import WireFixtures

extension FaultTests {
  @Suite struct CutTests {
    @Test("connections cut around COMMIT lose no batch and store none twice")
    func aroundCommit() async throws {
      try await Stage.with(Goods(pages: 4, perPage: 30)) { stage in
        let schedule = CutSchedule(seed: Scale.seed, limit: 30 * Scale.factor)
        let proxy = try CuttingProxy(to: stage) { message in
          message.isCommitEnd ? schedule.next() : .pass
        }
        try await stage.apply(retry: "{}")
        let days = 60 * Scale.factor
        let id = try await stage.submit(days: days)
        let workers = [
          try await stage.worker("one", lease: 15, through: proxy.conninfo(stage)),
          try await stage.worker("two", lease: 15, through: proxy.conninfo(stage)),
        ]
        #expect(try await stage.end(of: id, within: .seconds(120 * Scale.factor)) == "succeeded")
        for worker in workers { await worker.process.stop() }
        proxy.stop()
        let cuts = schedule.counts
        report(
          "connections cut before COMMIT reached the server: \(cuts.before), after: \(cuts.after)")
        #expect(cuts.before > 5 * Scale.factor && cuts.after > 5 * Scale.factor)
        let oracle = Oracle(stage: stage, days: Stage.firstDay..<Stage.firstDay + days)
        let faults = try await oracle.faults()
        report("batches lost or stored twice: \(rate(faults.count, of: cuts.before + cuts.after))")
        expectNone(faults)
        #expect(try await stage.holds("sum(failures) = 0 FROM backfill.partition"))
        #expect(try await stage.holds("max(attempts) = 1 FROM backfill.partition"))
      }
    }

    @Test("a worker that cannot look up what it claimed asks again, and spends no attempt")
    func lostLookUp() async throws {
      try await Stage.with(Goods(pages: 2, perPage: 10)) { stage in
        let schedule = CutSchedule(seed: 1, limit: 4, onlyAfter: true)
        let proxy = try CuttingProxy(to: stage) { message in
          ["listBackfills", "findDefinition"].contains(where: message.statement.contains)
            ? schedule.next() : .pass
        }
        try await stage.apply(retry: "{attempts: 1}")
        let id = try await stage.submit(days: 3)
        let worker = try await stage.worker(
          "one", concurrency: 1, lease: 15, through: proxy.conninfo(stage))
        #expect(try await stage.end(of: id) == "succeeded")
        await worker.process.stop()
        proxy.stop()
        #expect(schedule.counts.after == 4)
        #expect(try await stage.holds("max(attempts) = 1 FROM backfill.partition"))
        try await expectSound(stage, days: 3)
      }
    }

    @Test("a claim whose answer was lost is given back, and spends no attempt")
    func lostClaim() async throws {
      try await Stage.with(Goods(pages: 2, perPage: 10)) { stage in
        let schedule = CutSchedule(seed: 1, limit: 3 * Scale.factor, onlyAfter: true)
        let proxy = try CuttingProxy(to: stage) { message in
          message.statement.contains("claimPartitions") ? schedule.next() : .pass
        }
        try await stage.apply()
        let id = try await stage.submit(days: 12 * Scale.factor)
        let worker = try await stage.worker("one", lease: 2, through: proxy.conninfo(stage))
        #expect(try await stage.end(of: id) == "succeeded")
        await worker.process.stop()
        proxy.stop()
        #expect(schedule.counts.after == 3 * Scale.factor)
        #expect(
          try await stage.column(
            """
            SELECT number || ': ' || outcome || ' ' || coalesce(message, '') FROM backfill.attempt
              WHERE outcome NOT IN ('succeeded', 'released')
            """, String.self) == [])
        try await expectSound(stage, days: 12 * Scale.factor)
      }
    }
  }
}

/// Which of many moments are cut, and how; from a seed.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class CutSchedule: @unchecked Sendable {
  private let lock = NSLock()
  private var generator: SeededGenerator
  private var left: Int
  private let onlyAfter: Bool
  private var cuts = (before: 0, after: 0)

  init(seed: UInt64, limit: Int, onlyAfter: Bool = false) {
    generator = SeededGenerator(seed: seed)
    left = limit
    self.onlyAfter = onlyAfter
  }

  /// How many were cut so far.
  var counts: (before: Int, after: Int) { lock.withLock { cuts } }

  /// What is done at the next moment.
  func next() -> CuttingProxy.Act {
    lock.withLock {
      guard left > 0, onlyAfter || generator.oneIn(2) else { return .pass }
      left -= 1
      if !onlyAfter, generator.oneIn(2) {
        cuts.before += 1
        return .cutBefore
      }
      cuts.after += 1
      return .cutAfter
    }
  }
}
