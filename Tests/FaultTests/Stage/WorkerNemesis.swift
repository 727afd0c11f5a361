import DatabaseFixtures
import Domain
import Processes

/// Kills workers by a schedule that follows from a seed, and starts another for each.
struct WorkerNemesis {
  let stage: Stage
  private(set) var kills = 0
  private(set) var killsInCommit = 0
  /// How many partitions each worker runs at once.
  let concurrency = 3
  /// How many pages were asked for more than once, as the test counts them.
  var pagesAgain = 0
  private var generator: SeededGenerator
  private var workers: [WorkerProcess] = []
  private var started = 0

  init(stage: Stage, seed: UInt64) {
    self.stage = stage
    generator = SeededGenerator(seed: seed)
  }

  mutating func startWorkers(_ count: Int) async throws {
    for _ in 0..<count { try await startWorker() }
  }

  /// Kills one worker after another until the backfill has ended, or so many were killed in all;
  /// gives how many were killed now.
  mutating func kill(while backfill: BackfillID, atMost limit: Int) async throws -> Int {
    let before = kills
    while kills < limit, try await !hasEnded(backfill) {
      let victim = Int.random(in: 0..<workers.count, using: &generator)
      if generator.oneIn(2) {
        try await waitForCommit(of: workers[victim], or: backfill)
      } else {
        try await waitForRequests(Int.random(in: 1...40, using: &generator), or: backfill)
      }
      try await kill(victim)
    }
    return kills - before
  }

  /// Ends all workers politely.
  mutating func stopWorkers() async throws {
    for worker in workers { await worker.process.stop() }
    workers = []
  }

  private mutating func kill(_ victim: Int) async throws {
    let worker = workers.remove(at: victim)
    let isInCommit = try await commits(of: worker)
    await worker.kill()
    kills += 1
    if isInCommit { killsInCommit += 1 }
    try await startWorker()
  }

  private mutating func startWorker() async throws {
    started += 1
    workers.append(try await stage.worker("killed\(started)", concurrency: concurrency))
  }

  private func hasEnded(_ backfill: BackfillID) async throws -> Bool {
    try await stage.holds("finished_at IS NOT NULL FROM backfill.backfill WHERE id = \(backfill)")
  }

  /// Whether a commit of the worker is under way, within the same millisecond or two.
  private func commits(of worker: WorkerProcess) async throws -> Bool {
    try await stage.holds(
      """
      count(*) > 0 FROM pg_stat_activity WHERE application_name = '\(worker.name)'
        AND state = 'active' AND query LIKE '/* commitBatch%'
      """)
  }

  private func waitForCommit(of worker: WorkerProcess, or backfill: BackfillID) async throws {
    let deadline = ContinuousClock.now + .seconds(3)
    while try await !commits(of: worker), ContinuousClock.now < deadline {
      if try await hasEnded(backfill) { return }
    }
  }

  private func waitForRequests(_ more: Int, or backfill: BackfillID) async throws {
    let goal = stage.source.count + more
    let deadline = ContinuousClock.now + .seconds(3)
    while stage.source.count < goal, ContinuousClock.now < deadline {
      if try await hasEnded(backfill) { return }
      await pause(.milliseconds(2))
    }
  }
}

extension WorkerNemesis {
  /// Prints how many kills there were, where they fell, and what they cost.
  func reportFigures() {
    report(
      "\(kills) kills of workers, \(killsInCommit) of them while a commit was under way; "
        + "\(pagesAgain) pages were read again")
  }
}
