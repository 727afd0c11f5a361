import Domain
import Foundation

/// Lets no request of this process through to a source while the source asks for patience.
///
/// `@unchecked Sendable`: everything is guarded by `lock`.
final class SourceGate: @unchecked Sendable {
  /// What a source asked for.
  struct Hold: Hashable, Sendable {
    /// Until when nothing is asked of it.
    var until: Instant
    /// Why, for people.
    var reason: String
  }

  /// A longer wait than this, in microseconds, takes no place in a worker.
  static let longestWait: Int64 = 2_000_000
  /// The patience with a source that does not say how much it wants, in microseconds; doubled with
  /// every refusal until it serves again.
  static let leastPatience: Int64 = 1_000_000
  /// The most of that patience, in microseconds.
  static let mostPatience: Int64 = 60_000_000

  private let lock = NSLock()
  private let now: @Sendable () -> Instant
  private var hold: Hold?
  private var isUntold = false
  /// How often the source refused without a word since it last served.
  private var refusals = 0

  init(now: @escaping @Sendable () -> Instant) {
    self.now = now
  }

  /// Whether nothing may be asked now.
  var isClosed: Bool {
    lock.withLock { hold.map { $0.until > now() } ?? false }
  }

  /// Returns once a request may be sent, or the task is cancelled; where that takes long, the
  /// failure with which a partition waits elsewhere.
  func pass() async -> SourceFailure? {
    while let hold = lock.withLock({ hold }) {
      let left = hold.until.microseconds(since: now())
      guard left > 0, !Task.isCancelled else { return nil }
      guard left <= Self.longestWait else {
        return SourceFailure(.rateLimited, hold.reason, retryAfter: left)
      }
      // Cancelled, whoever asks finds out by itself.
      do { try await Task.sleep(for: .microseconds(left)) } catch { return nil }
    }
    return nil
  }

  /// Notes that the source served.
  func served() {
    lock.withLock { refusals = 0 }
  }

  /// Notes a failure; one that asks for patience comes back with how much of it is given.
  func noted(_ failure: SourceFailure) -> SourceFailure {
    guard failure.kind == .rateLimited, !failure.isBudgeted else { return failure }
    var failure = failure
    failure.retryAfter = lock.withLock {
      let wait = patience(asked: failure.retryAfter)
      if extend(by: wait, failure.message) { isUntold = true }
      return wait
    }
    return failure
  }

  /// Takes over what another process was asked for.
  func hold(for microseconds: Int64, because reason: String) {
    lock.withLock { _ = extend(by: microseconds, reason) }
  }

  /// What this process was asked for and has not yet told the others; each is given once.
  func takeHold() -> Hold? {
    lock.withLock {
      defer { isUntold = false }
      return isUntold ? hold : nil
    }
  }

  private func patience(asked: Int64?) -> Int64 {
    if let asked, asked > 0 { return min(asked, Backoff.longestAsked) }
    // Sent before the last refusal came, it is the same refusal once more.
    if let left = hold?.until.microseconds(since: now()), left > 0 { return left }
    refusals += 1
    return min(Self.leastPatience << min(refusals - 1, 16), Self.mostPatience)
  }

  /// Holds requests for so long; false where a later end is noted already, which stays.
  private func extend(by microseconds: Int64, _ reason: String) -> Bool {
    let until = now().adding(microseconds: microseconds)
    guard until > (hold?.until ?? Instant(microseconds: .min)) else { return false }
    hold = Hold(until: until, reason: reason)
    return true
  }
}
