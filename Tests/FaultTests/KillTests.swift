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
          #expect(try await oracle.faults() == [], "seed \(Scale.seed)")
          stage.source.revision += 1
        }
        try await nemesis.stopWorkers()
        nemesis.reportFigures()
      }
    }
  }
}
