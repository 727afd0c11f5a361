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
  /// Every so many passes the whole table is looked through, for tallies of transactions that
  /// ended late, behind others of higher number.
  private static let fullPassEvery = 200

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
    var watermark = TallyWatermark()
    var passes = 0
    while !Task.isCancelled {
      passes += 1
      let first = passes % Self.fullPassEvery == 1 ? 0 : watermark.first
      let folded = await pass(from: first, moving: &watermark)
      if passes % 8 == 0 { await advanceFrontiers() }
      // A full pass had more than it could take, or the next is about to come.
      if folded < Self.limit {
        do { try await Task.sleep(for: .seconds(Self.idleSeconds)) } catch { return }
      }
    }
  }

  /// Folds everything there is; for tests and for the end of a program.
  public func drain() async throws(PostgresError) {
    while let pass = try await fold(from: 0), pass.tallies == Self.limit {}
  }

  private func pass(from first: Int64, moving watermark: inout TallyWatermark) async -> Int {
    do throws(PostgresError) {
      guard let pass = try await fold(from: first) else { return 0 }
      watermark.saw(pass.last)
      return pass.tallies
    } catch {
      if !Task.isCancelled { tell(.troubled(part: "sequencer", message: "\(error)")) }
      return 0
    }
  }

  private func fold(from first: Int64) async throws(PostgresError) -> FoldPass? {
    let pass = try await store.fold(from: first, limit: Self.limit)
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

/// From which tally on a pass looks, so that it does not step over all that were folded before and
/// are not yet vacuumed.
///
/// Numbers do not come in the order of their commits: only what was the highest some passes ago is
/// stepped over, and a full pass now and then finds what was later still.
struct TallyWatermark {
  private static let passes = 20
  private var seen: [Int64] = []

  /// The first number to look at.
  var first: Int64 { seen.count < Self.passes ? 0 : seen[0] }

  /// Notes the highest number of a pass.
  mutating func saw(_ last: Int64) {
    seen.append(max(last, seen.last ?? 0))
    if seen.count > Self.passes { seen.removeFirst() }
  }
}
