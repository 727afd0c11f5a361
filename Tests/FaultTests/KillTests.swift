import DatabaseFixtures
import Processes
import Testing

extension FaultTests {
  @Suite struct KillTests {
    @Test("workers killed at any moment lose nothing, write nothing twice and read little again")
    func randomKills() async throws {
      try await Stage.with(Goods(pages: 8, perPage: 60)) { stage in
        try await stage.apply()
        var nemesis = WorkerNemesis(stage: stage, seed: Scale.seed)
        try await nemesis.startWorkers(3)
        let days = 120
        while nemesis.kills < 60 * Scale.factor {
          let id = try await stage.submit(days: days)
          try await nemesis.kill(while: id, atMost: 60 * Scale.factor)
          #expect(try await stage.end(of: id) == "succeeded")
          let oracle = Oracle(stage: stage, days: Stage.firstDay..<Stage.firstDay + days)
          expectNone(try await oracle.faults())
          stage.source.revision += 1
        }
        try await nemesis.stopWorkers()
        nemesis.reportFigures()
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
