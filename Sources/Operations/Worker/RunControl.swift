import Domain
import Foundation
import Stores

/// How a partition's run is told to stop, and how it shows that it moves.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class RunControl: @unchecked Sendable {
  /// What a run is told.
  enum Order: Hashable, Sendable {
    /// Go on.
    case proceed
    /// Commit what was read and give the partition back.
    case yield(reason: String)
    /// Stop at once: the partition is no longer held.
    case abandon
  }

  let held: HeldPartition
  /// How many attempts had failed since the last progress when it was claimed.
  let failures: Int32
  private let lock = NSLock()
  private var order = Order.proceed
  private var movedAt: Instant
  private var gate: SourceGate?

  init(_ held: HeldPartition, failures: Int32, at now: Instant) {
    self.held = held
    self.failures = failures
    movedAt = now
  }

  var current: Order { lock.withLock { order } }

  /// Tells the run to commit and give back; an order to abandon stays.
  func yield(because reason: String) {
    lock.withLock {
      if order == .proceed { order = .yield(reason: reason) }
    }
  }

  /// Tells the run that the partition is no longer its own.
  func abandon() {
    lock.withLock { order = .abandon }
  }

  /// Names the gate through which the run's requests go.
  func attach(_ gate: SourceGate) {
    lock.withLock { self.gate = gate }
  }

  /// Holds the requests to the run's source, as another process was asked to.
  func hold(for microseconds: Int64, because reason: String) {
    lock.withLock { gate }?.hold(for: microseconds, because: reason)
  }

  /// Notes that a page came or a batch was committed.
  func moved(at now: Instant) {
    lock.withLock { movedAt = now }
  }

  /// When the run last moved.
  var lastMove: Instant { lock.withLock { movedAt } }
}
