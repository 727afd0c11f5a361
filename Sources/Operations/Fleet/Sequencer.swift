public import Domain
public import Postgres
import Stores

/// Folds what was committed into counters and measures, and ends backfills that are done.
///
/// Runs in every worker process; each pass takes a lock of its transaction, so one folds at a time.
public struct Sequencer: Sendable {
  /// How long to wait after a pass that found nothing, in seconds: with the pass itself well below
  /// the 300 ms within which numbers must be folded.
  private static let idleSeconds = 0.15
  /// How many tallies one pass folds at most.
  private static let limit = 2_000

  private let store: SequencerStore
  private let tell: @Sendable (Event) -> Void

  /// A sequencer on a pool; what partitions fail is told after so many quiet seconds, all at once.
  public init(
    pool: Pool, quietSeconds: Double = 60, tell: @escaping @Sendable (Event) -> Void
  ) {
    store = SequencerStore(pool: pool, quietSeconds: quietSeconds)
    self.tell = tell
  }

  /// Folds until the task is cancelled.
  public func run() async {
    var passes = 0
    while !Task.isCancelled {
      passes += 1
      let folded = await pass()
      // At 25,000 partitions a second each pass leaves some thousand dead index entries behind.
      if folded > 0 || passes % 8 == 0 { await advanceFrontiers() }
      if folded < Self.limit {
        do { try await Task.sleep(for: .seconds(Self.idleSeconds)) } catch { return }
      }
    }
  }

  /// Folds everything there is; for tests and for the end of a program.
  public func drain() async throws(PostgresError) {
    while let pass = try await fold(), pass.tallies == Self.limit {}
  }

  private func pass() async -> Int {
    do throws(PostgresError) {
      return try await fold()?.tallies ?? 0
    } catch {
      if !Task.isCancelled { await report(error) }
      return 0
    }
  }

  /// Tells of a pass that failed, here and in the database.
  ///
  /// Where nothing is counted no backfill ends: that must be seen by whoever waits for one in another
  /// process, too. That the database does not answer they see for themselves.
  private func report(_ error: PostgresError) async {
    tell(.troubled(part: "sequencer", message: "\(error)"))
    guard error.code == .server || error.code == .decoding else { return }
    do throws(PostgresError) {
      try await store.noteFailure("\(error)")
    } catch {
      tell(.troubled(part: "sequencer", message: "Its failure could not be noted: \(error)"))
    }
  }

  private func fold() async throws(PostgresError) -> FoldPass? {
    let pass = try await store.fold(limit: Self.limit)
    for blocked in pass?.blocked ?? [] {
      tell(.sourceBlocked(source: blocked.source, message: blocked.message))
    }
    for ended in pass?.ended ?? [] {
      tell(
        .backfillFinished(
          ended.id, stream: ended.stream, ended.state, partitions: ended.partitions,
          records: ended.records))
    }
    return pass
  }

  private func advanceFrontiers() async {
    do throws(PostgresError) {
      try await store.advanceFrontiers()
    } catch {
      if !Task.isCancelled { tell(.troubled(part: "sequencer", message: "\(error)")) }
    }
  }
}
