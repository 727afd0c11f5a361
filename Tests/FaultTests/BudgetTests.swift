import DatabaseFixtures
import Domain
import HTTP
import Processes
import Testing

extension FaultTests {
  @Suite struct BudgetTests {
    /// 300 requests in any three seconds.
    static let budget = #"budget: [{name: "account", rate: 300, per: "3s"}],"#

    @Test("eight processes never ask more than the limit, and use nine tenths of it")
    func eightProcesses() async throws {
      try await Stage.with(Goods(pages: 8, perPage: 2, isOdd: false)) { stage in
        try await stage.apply(source: Self.budget)
        let id = try await stage.submit(days: 260)
        var workers: [WorkerProcess] = []
        for number in 1...8 {
          workers.append(try await stage.worker("budget\(number)", concurrency: 4, lease: 15))
        }
        #expect(try await stage.end(of: id) == "succeeded")
        for worker in workers { await worker.process.stop() }
        let log = ArrivalLog(stage.source.asked)
        let share = log.share(of: 300, per: .seconds(3), without: .seconds(2))
        report(
          "\(log.count) requests of 8 processes, at most \(log.most(in: .seconds(3))) of 300 in "
            + "3 s, \(Int(share * 100)) % of the limit used")
        let days = Stage.firstDay..<Stage.firstDay + 260
        #expect(log.count == days.map(stage.source.goods.pageCount).reduce(0, +))
        #expect(log.most(in: .seconds(3)) <= 300)
        #expect(share >= 0.9)
      }
    }
  }
}
