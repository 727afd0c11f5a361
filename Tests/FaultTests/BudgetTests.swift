import DatabaseFixtures
import Domain
import HTTP
import Processes
import Testing
import WireFixtures

extension FaultTests {
  /// The one budget of a source, counted by the source.
  ///
  /// The figures are the fake source's own: when each request arrived, by its clock.
  @Suite struct BudgetTests {
    private static let rate = 300
    private static let window = Duration.seconds(3)
    private static let budget = #"budget: [{name: "account", rate: 300, per: "3s"}],"#
    private static let goods = Goods(pages: 8, perPage: 2, isOdd: false)

    @Test("eight processes never ask more than the limit, and use nine tenths of it")
    func eightProcesses() async throws {
      try await Stage.with(Self.goods) { stage in
        try await stage.apply(source: Self.budget)
        let id = try await stage.submit(days: 180)
        var workers: [WorkerProcess] = []
        for number in 1...8 {
          workers.append(try await stage.worker("budget\(number)", concurrency: 4, lease: 15))
        }
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        let log = ArrivalLog(stage.source.asked)
        let share = log.share(of: Self.rate, per: Self.window, without: .seconds(1.5))
        report(
          "\(log.count) requests of 8 processes, at most \(log.most(in: Self.window)) of 300 in "
            + "3 s, \(Int(share * 100)) % of the limit used")
        #expect(log.count == Self.requests(180, stage))
        #expect(log.most(in: Self.window) <= Self.rate)
        #expect(share >= 0.9)
      }
    }

    @Test("processes killed at any moment never add a request")
    func kills() async throws {
      try await Stage.with(Self.goods) { stage in
        try await stage.apply(source: Self.budget)
        let id = try await stage.submit(days: 120)
        var nemesis = WorkerNemesis(stage: stage, seed: Scale.seed)
        try await nemesis.startWorkers(4)
        _ = try await nemesis.kill(while: id, atMost: 12 * Scale.factor)
        #expect(try await stage.end(of: id) == "succeeded")
        try await nemesis.stopWorkers()
        nemesis.reportFigures()
        let log = ArrivalLog(stage.source.asked)
        report(
          "\(log.count) requests for \(Self.requests(120, stage)) pages, at most "
            + "\(log.most(in: Self.window)) of 300 in 3 s")
        #expect(log.most(in: Self.window) <= Self.rate)
        try await expectSound(stage, days: 120)
      }
    }

    @Test("one process that is told to wait binds all, spends no attempt and holds nobody else up")
    func patience() async throws {
      try await Stage.with(Self.goods) { stage in
        for name in ["shop", "other"] { try await stage.apply(name, source: Self.budget) }
        let refused = Once()
        stage.source.answer { asked in
          guard asked.source == "shop", asked.day > Stage.firstDay + 15, refused.take()
          else { return nil }
          return Response(429, headers: ["Retry-After": "3"])
        }
        let ids = [
          try await stage.submit(days: 80, of: "shop"),
          try await stage.submit(days: 130, of: "other"),
        ]
        var workers: [WorkerProcess] = []
        for number in 1...3 {
          workers.append(try await stage.worker("patient\(number)", concurrency: 6, lease: 15))
        }
        for id in ids { #expect(try await stage.end(of: id) == "succeeded") }
        for worker in workers { await worker.process.stop() }
        let asked = stage.source.asked
        let said = try #require(
          asked.first { $0.source == "shop" && $0.day > Stage.firstDay + 15 }?.at)
        // What was on its way when the answer came cannot be called back.
        let bound = said + .milliseconds(300)..<said + .seconds(3)
        let shop = asked.filter { $0.source == "shop" && bound.contains($0.at) }.count
        let other = asked.filter { $0.source == "other" && bound.contains($0.at) }.count
        report("while one source had to wait: \(shop) requests to it, \(other) to another")
        #expect(shop == 0)
        #expect(Double(other) > 0.8 * 100 * 2.7)
        #expect(
          try await stage.value("SELECT max(failures)::bigint FROM backfill.partition", Int64.self)
            == 0)
      }
    }

    @Test("no more requests are under way than a limit of concurrency allows, over all processes")
    func underWay() async throws {
      try await Stage.with(Self.goods) { stage in
        try await stage.apply(
          source:
            #"budget: [{name: "jobs", algorithm: "concurrency", at_once: 3}], concurrency: 9,"#)
        let busy = Level()
        stage.source.answer { _ in
          await busy.during { await pause(.milliseconds(20)) }
          return nil
        }
        let id = try await stage.submit(days: 30)
        var workers: [WorkerProcess] = []
        for number in 1...3 { workers.append(try await stage.worker("job\(number)", lease: 15)) }
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        report("at most \(await busy.highest) requests under way of 3 allowed")
        #expect(await busy.highest == 3)
        #expect(
          try await stage.value("SELECT count(*) FROM backfill.request_holder", Int64.self) == 0)
      }
    }

    private static func requests(_ days: Int, _ stage: Stage) -> Int {
      (Stage.firstDay..<Stage.firstDay + days).map(stage.source.goods.pageCount).reduce(0, +)
    }
  }
}
