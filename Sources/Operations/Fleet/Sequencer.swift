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

  /// A sequencer on a pool.
  public init(pool: Pool, tell: @escaping @Sendable (Event) -> Void) {
    store = SequencerStore(pool: pool)
    self.tell = tell
  }

  /// Folds until the task is cancelled.
  public func run() async {
    var passes = 0
    while !Task.isCancelled {
      passes += 1
      let folded = await pass()
      if passes % 8 == 0 { await advanceFrontiers() }
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
      if !Task.isCancelled { tell(.troubled(part: "sequencer", message: "\(error)")) }
      return 0
    }
  }

  private func fold() async throws(PostgresError) -> FoldPass? {
    let pass = try await store.fold(limit: Self.limit)
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
