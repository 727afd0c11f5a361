import Domain
import Foundation
import Stores

/// The runs of a worker, for those who renew their leases or tell them to stop.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class RunningSet: @unchecked Sendable {
  private let lock = NSLock()
  private var runs: [PartitionID: (control: RunControl, task: Task<Void, Never>?)] = [:]

  var count: Int { lock.withLock { runs.count } }

  /// Adds a run that is about to begin.
  func add(_ control: RunControl) {
    lock.withLock { runs[control.held.id] = (control, nil) }
  }

  /// Names the task of a run, unless it has ended already.
  func attach(_ task: Task<Void, Never>, to control: RunControl) {
    lock.withLock {
      if runs[control.held.id]?.control === control { runs[control.held.id] = (control, task) }
    }
  }

  /// Removes a run, unless the partition was claimed anew meanwhile.
  func remove(_ control: RunControl) {
    lock.withLock {
      if runs[control.held.id]?.control === control { runs[control.held.id] = nil }
    }
  }

  /// Whether a claim is known here.
  func holds(_ held: HeldPartition) -> Bool {
    control(of: held) != nil
  }

  /// The control of a claim; nil where it has ended.
  func control(of held: HeldPartition) -> RunControl? {
    lock.withLock { runs[held.id]?.control }.flatMap { $0.held == held ? $0 : nil }
  }

  /// The partitions whose runs moved since an instant.
  func held(movedSince instant: Instant) -> [HeldPartition] {
    lock.withLock { runs.values.filter { $0.control.lastMove >= instant }.map(\.control.held) }
  }

  /// Tells every run to commit and give back.
  func yieldAll(because reason: String) {
    lock.withLock { runs.values.map(\.control) }.forEach { $0.yield(because: reason) }
  }

  /// Stops every run at once.
  func abandonAll() {
    for (control, task) in lock.withLock({ Array(runs.values) }) {
      control.abandon()
      task?.cancel()
    }
  }

  /// Lets runs know how their leases stand.
  func apply(_ standings: [LeaseStanding]) {
    for standing in standings {
      // The partition may have been claimed anew since the question was asked.
      guard let (control, task) = lock.withLock({ runs[standing.held.id] }),
        control.held == standing.held
      else { continue }
      if let patience = standing.patience {
        control.hold(for: patience, because: standing.patienceReason ?? "")
      }
      if standing.claim != .held {
        control.abandon()
        task?.cancel()
      } else if standing.isPaused {
        control.yield(because: "the backfill is paused")
      }
    }
  }
}
