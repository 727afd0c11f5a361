import Domain

/// Between two claims nothing runs for a moment; only what lasts is a wait for a free worker.
struct PauseFilter {
  private static let moment: Int64 = 2_000_000

  private var done: Int?
  private var movedAt: Instant?

  mutating func apply(to progress: inout Progress, at now: Instant) {
    if done != progress.done || movedAt == nil {
      done = progress.done
      movedAt = now
    }
    guard progress.waiting == .turn, let movedAt,
      now.microseconds(since: movedAt) < Self.moment
    else { return }
    progress.waiting = nil
  }
}
