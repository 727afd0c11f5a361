import Domain
import Testing

@testable import backfill

@Suite struct PresentationTests {
  @Test("a bar with its text is never wider than the terminal", arguments: [10, 40, 60, 80, 200])
  func barFits(width: Int) {
    let text = "34 of 90 partitions (37%), 70,400 records/s, about 2 min left"
    for done in 0...90 {
      let line = ProgressDisplay.line(text, done: done, needed: 90, width: width)
      #expect(line.count < width, "\(line)")
    }
  }

  @Test("a bar is empty at the beginning and full only at the end")
  func barIsHonest() {
    #expect(ProgressDisplay.line("x", done: 0, needed: 90, width: 80).prefix(2) == "░░")
    #expect(ProgressDisplay.line("x", done: 89, needed: 90, width: 80).contains("▋"))
    #expect(!ProgressDisplay.line("x", done: 90, needed: 90, width: 80).contains("░"))
    #expect(!ProgressDisplay.line("x", done: 0, needed: 0, width: 80).contains("░"))
  }

  @Test("columns are as wide as their widest cell, and lines are cut to the terminal")
  func tableAligns() {
    var table = TextTable(.numbers("ID"), "NAME", "WHAT")
    table.add("1", "a", "short")
    table.add("120", "a longer name", "something that goes on and on")
    #expect(
      table.lines(width: nil) == [
        " ID  NAME           WHAT", "  1  a              short",
        "120  a longer name  something that goes on and on",
      ])
    #expect(table.lines(width: 30).allSatisfy { $0.count <= 30 })
    table.add("2", "\u{1B}[31mred", "")
    #expect(!table.lines(width: nil).joined().contains("\u{1B}"))
  }

  @Test("a moment without work between two claims is no wait, and a longer one is")
  func pauses() {
    var filter = PauseFilter()
    func waiting(done: Int, second: Int64) -> Waiting? {
      let now = Instant(microseconds: second * 1_000_000)
      var meter = ProgressMeter()
      let counts = PartitionCounts([.succeeded: done, .ready: 9 - done])
      meter.note(
        ProgressFacts(state: .running, partitions: counts, records: 0, workersAlive: 1), at: now)
      guard var progress = meter.progress(at: now) else { return .approval }
      filter.apply(to: &progress, at: now)
      return progress.waiting
    }
    #expect(waiting(done: 1, second: 1) == nil && waiting(done: 1, second: 2) == nil)
    #expect(waiting(done: 1, second: 3) == .turn)
    #expect(waiting(done: 2, second: 4) == nil)
  }

  @Test("the place of the database follows the command line, then the environment")
  func places() {
    func url(_ option: String?, _ environment: [String: String]) -> String? {
      switch DatabasePlace(option: option, environment: environment) {
      case .server(let url): url
      case .privateCluster: nil
      }
    }
    #expect(url("a", ["DATABASE_URL": "b", "PGHOST": "c"]) == "a")
    #expect(url(nil, ["DATABASE_URL": "b", "PGHOST": "c"]) == "b")
    #expect(url(nil, ["PGHOST": "c"]) == "")
    #expect(url(nil, ["PGUSER": "me", "DATABASE_URL": ""]) == nil)
  }
}
