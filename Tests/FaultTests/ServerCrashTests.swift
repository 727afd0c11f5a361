import Cluster
import DatabaseFixtures
import Processes
import Testing

extension FaultTests {
  @Suite struct ServerCrashTests {
    @Test("PostgreSQL killed and started again: workers go on by themselves, and nothing is lost")
    func killedUnderLoad() async throws {
      try await Stage.with(Goods(pages: 6, perPage: 60), ownServer: true) { stage in
        var generator = SeededGenerator(seed: Scale.seed)
        // Days that come slowly are committed in several batches, with checkpoints between them.
        stage.source.answer { asked in
          await pause(.milliseconds(asked.day % 4 == 0 ? 300 : 20))
          return nil
        }
        try await stage.apply(retry: "{}")
        let days = 100
        let id = try await stage.submit(days: days)
        let workers = [
          try await stage.worker("one", lease: 15), try await stage.worker("two", lease: 15),
        ]
        let oracle = Oracle(stage: stage, days: Stage.firstDay..<Stage.firstDay + days)
        let kills = 6 * Scale.factor
        var longest = Duration.zero
        for kill in 1...kills {
          let goal = stage.source.count + Int.random(in: 15...35, using: &generator)
          try await wait(for: "requests") { stage.source.count >= goal }
          try await stage.killServer()
          if kill == kills / 2 { await pause(.seconds(3)) }
          for worker in workers { worker.process.send(.stop) }
          try await stage.cluster.revive()
          expectNone(try await oracle.faultsUnderway())
          let revivedAt = ContinuousClock.now
          let asked = stage.source.count
          for worker in workers { worker.process.send(.resume) }
          try await wait(for: "work after a crash") { stage.source.count > asked + 8 }
          longest = max(longest, .now - revivedAt)
        }
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { #expect(await worker.process.stop() == .exited(0)) }
        let spent = try await spentAttempts(stage)
        report(
          "\(kills) crashes of PostgreSQL, longest until work went on \(longest.seconds) s; "
            + "attempts spent: \(rate(spent.count, of: kills))")
        expectNone(spent)
        expectNone(try await oracle.faults())
      }
    }

    @Test("an outage longer than the lease costs no attempt either")
    func longOutage() async throws {
      try await Stage.with(Goods(pages: 6, perPage: 40, isOdd: false), ownServer: true) { stage in
        stage.source.answer { _ in
          await pause(.milliseconds(40))
          return nil
        }
        try await stage.apply(retry: "{}")
        let id = try await stage.submit(days: 24)
        let worker = try await stage.worker("one", concurrency: 4, lease: 2)
        try await wait(for: "the first batches") {
          try await stage.holds("count(*) > 3 FROM backfill.batch")
        }
        try await stage.killServer()
        await pause(.seconds(4))
        try await stage.cluster.revive()
        #expect(try await stage.end(of: id) == "succeeded")
        await worker.process.stop()
        expectNone(try await spentAttempts(stage))
        try await expectSound(stage, days: 24)
      }
    }

    @Test("PostgreSQL killed inside a commit: the batch is there whole, or not at all")
    func killedInsideCommit() async throws {
      try await Stage.with(Goods(pages: 3, perPage: 60), ownServer: true) { stage in
        try await stage.apply(retry: "{}")
        for _ in 0..<Scale.factor {
          let barrier = try await CommitBarrier.put(on: stage)
          try await barrier.close()
          let id = try await stage.submit(days: 10)
          let worker = try await stage.worker("one", lease: 15)
          try await barrier.reached(by: worker)
          try await stage.killServer()
          await barrier.remove()
          try await stage.cluster.revive()
          #expect(try await stage.end(of: id) == "succeeded")
          await worker.process.stop()
          expectNone(try await spentAttempts(stage))
          try await expectSound(stage, days: 10)
          stage.source.revision += 1
        }
      }
    }

    /// The attempts that were spent: those that failed or were lost.
    private func spentAttempts(_ stage: Stage) async throws -> [String] {
      try await stage.column(
        """
        SELECT number || ' attempt ' || attempt || ': ' || outcome || ' ' || coalesce(message, '')
          FROM backfill.attempt WHERE outcome NOT IN ('succeeded', 'released')
        """, String.self)
    }
  }
}
