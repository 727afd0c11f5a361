import DatabaseFixtures
import Processes
import Testing

extension FaultTests {
  @Suite struct KillTests {
    @Test(
      "workers killed at any moment lose nothing, write nothing twice and reread what they held")
    func randomKills() async throws {
      try await Stage.with(Goods(pages: 8, perPage: 60)) { stage in
        try await stage.apply()
        var nemesis = WorkerNemesis(stage: stage, seed: Scale.seed)
        try await nemesis.startWorkers(3)
        // Days that come slowly are committed in several batches, with checkpoints between them.
        stage.source.answer { asked in
          if asked.day % 5 == 0 { await pause(.milliseconds(300)) }
          return nil
        }
        let days = 120
        while nemesis.kills < 60 * Scale.factor {
          let asked = stage.source.count
          let id = try await stage.submit(days: days)
          let kills = try await nemesis.kill(while: id, atMost: 60 * Scale.factor)
          #expect(try await stage.end(of: id) == "succeeded")
          try await expectSound(stage, days: days)
          // At worst every page of every partition that a killed worker held.
          let pages = stage.source.asked.dropFirst(asked)
          let again = pages.count - Set(pages.map { [$0.day, $0.page] }).count
          #expect(again <= kills * nemesis.concurrency * stage.source.goods.pages)
          nemesis.pagesAgain += again
          stage.source.revision += 1
        }
        try await nemesis.stopWorkers()
        nemesis.reportFigures()
        #expect(nemesis.killsInCommit > nemesis.kills / 20)
      }
    }

    @Test(
      "workers stopped past their lease at any moment, and resumed, lose nothing and write nothing twice"
    )
    func randomStops() async throws {
      try await Stage.with(Goods(pages: 8, perPage: 60)) { stage in
        try await stage.apply()
        var generator = SeededGenerator(seed: Scale.seed)
        let workers = [
          try await stage.worker("one", lease: 1), try await stage.worker("two", lease: 1),
        ]
        let stops = 8 * Scale.factor
        var stopped = 0
        while stopped < stops {
          let id = try await stage.submit(days: 120)
          while stopped < stops {
            let goal = stage.source.count + Int.random(in: 1...40, using: &generator)
            let ends = "finished_at IS NOT NULL FROM backfill.backfill WHERE id = \(id)"
            try await wait(for: "requests, or the end") {
              if stage.source.count >= goal { return true }
              return try await stage.holds(ends)
            }
            if try await stage.holds(ends) { break }
            let victim = generator.pick(workers)
            victim.process.send(.stop)
            try await stage.leasesRanOut(of: victim)
            victim.process.send(.resume)
            stopped += 1
          }
          #expect(try await stage.end(of: id) == "succeeded")
          try await expectSound(stage, days: 120)
          stage.source.revision += 1
        }
        for worker in workers { await worker.process.stop() }
        let lost: Int64 = try await stage.value(
          "SELECT count(*) FROM backfill.attempt WHERE outcome = 'lost'")
        report("\(stopped) workers stopped past their lease, which lost \(lost) partitions")
        #expect(lost > 0)
      }
    }

    @Test("of a killed worker's partitions only what was not committed is read again")
    func onlyUncommittedAgain() async throws {
      let goods = Goods(pages: 40, perPage: 100, filler: 1_000, isOdd: false)
      try await Stage.with(goods) { stage in
        try await stage.apply()
        // Days of 36, 31 and 38 pages of 115 KB: two to three batches each.
        let days = [19, 24, 17].map { Stage.firstDay + $0 }
        var rereads = Rereads(stage: stage)
        for day in days {
          for _ in 0..<Scale.factor {
            let id = try await stage.submit(days: 1, from: day)
            try await rereads.killAfterCommit(of: id)
          }
        }
        rereads.reportFigures()
      }
    }
  }
}
