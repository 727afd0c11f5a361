import Domain
import Processes
import Testing

/// Kills workers after their first commit and counts, in the source's own log, what is read again.
struct Rereads {
  let stage: Stage
  private var kills = 0
  private var again = 0
  private var most = 0

  init(stage: Stage) {
    self.stage = stage
  }

  /// Lets a worker commit a batch of a backfill of one partition, kills it, and lets another end it.
  mutating func killAfterCommit(of id: BackfillID) async throws {
    let begin = stage.source.count
    let victim = try await stage.worker("victim\(id)", concurrency: 1, lease: 1)
    try await wait(for: "the first batch of \(id)") {
      try await stage.holds("count(*) > 0 FROM backfill.batch WHERE backfill_id = \(id)")
    }
    await victim.kill()
    let asked = stage.source.count
    let other = try await stage.worker("other\(id)", concurrency: 1, lease: 1)
    #expect(try await stage.end(of: id) == "succeeded")
    await other.process.stop()
    let before = stage.source.asked[begin..<asked].map(\.page)
    let after = stage.source.asked[asked...].map(\.page)
    let committed: Int32 = try await stage.value(
      """
      SELECT sum(b.pages)::int FROM backfill.batch b JOIN backfill.worker w ON w.id = b.worker_id
        WHERE b.backfill_id = \(id) AND w.name LIKE '%:\(victim.id)'
      """)
    // Nothing of what was committed, and each page once.
    #expect(after == Array(Int(committed)..<stage.source.goods.pageCount(day(before, begin))))
    let reread = Set(before).intersection(after).count
    kills += 1
    again += reread
    most = max(most, reread)
    let bytes = stage.source.page(stage.source.asked[begin]).utf8.count
    let bound = try #require(Self.bound(pageBytes: bytes))
    #expect(reread <= bound)
  }

  /// Prints what the kills cost.
  func reportFigures() {
    report(
      "\(kills) kills after a commit: \(again) pages read again, at most \(most) of a partition")
  }

  /// A batch that is being committed, the next one, each full with one page too many, and the page
  /// that is fetched ahead.
  private static func bound(pageBytes: Int) -> Int? {
    let (perBatch, overflow) = (2 << 20).dividedReportingOverflow(by: pageBytes)
    return overflow ? nil : 2 * (perBatch + 1) + 1
  }

  private func day(_ pages: [Int], _ begin: Int) -> Int { stage.source.asked[begin].day }
}
