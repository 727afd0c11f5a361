import Domain
import Operations
import Postgres
import Stores

/// Follows a backfill to its end and shows how far it is.
struct Follower: Sendable {
  let store: ProgressStore
  let id: BackfillID
  let now: @Sendable () -> Instant
  /// Where progress is shown; nil for nowhere.
  let channel: Channel?
  /// Whether this program works on the backfill, so that it need not ask for a worker.
  var isWorking = false

  /// Returns the backfill once it has ended; goes on when the database goes away for a while.
  func follow() async throws -> BackfillRow {
    var meter = ProgressMeter()
    var display = channel.map { ProgressDisplay($0) }
    var pause = PauseFilter()
    while true {
      if let (row, facts) = try await look() {
        let now = now()
        meter.note(facts, at: now)
        if row.state.isTerminal {
          try display?.clear()
          return row
        }
        if var progress = meter.progress(at: now) {
          pause.apply(to: &progress, at: now)
          if isWorking, progress.waiting == .worker { progress.waiting = nil }
          try display?.show(progress, at: now, in: row.zone)
        }
      }
      try await Task.sleep(for: .milliseconds(display?.interval ?? 250))
    }
  }

  /// Nil while the database does not answer.
  private func look() async throws -> (row: BackfillRow, facts: ProgressFacts)? {
    let found: (row: BackfillRow, facts: ProgressFacts)?
    do throws(PostgresError) {
      found = try await store.findProgress(of: id)
    } catch {
      guard error.isRetryable else { throw error }
      return nil
    }
    guard let found else { throw OperationFault.unknownBackfill(id) }
    return found
  }
}
