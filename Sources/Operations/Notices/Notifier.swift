public import Domain
import JSON
public import Postgres
import Stores

/// Delivers notices to those who hear of them, each at least once, for up to three days.
///
/// Runs in every process of the fleet. A delivery is claimed for the time that an attempt may take at
/// most; no transaction is open while it is under way. Who dies between sending and writing that
/// down has it sent again by another, under the same id.
public struct Notifier: Sendable {
  /// Longer than any attempt takes.
  static let leaseSeconds = 60.0
  /// How often is looked for what is due.
  private static let pollSeconds = 1.0
  /// How often the store is asked to take an outcome; the pool waits for a database that went away.
  private static let settleTries = 3
  /// How many attempts are under way at once in one process.
  private static let concurrency = 16

  private let store: NoticeStore
  private let courier: Courier
  private let randomness: Randomness
  private let tell: @Sendable (Event) -> Void

  /// A notifier on a pool.
  public init(
    pool: Pool, courier: Courier, randomness: Randomness,
    tell: @escaping @Sendable (Event) -> Void
  ) {
    store = NoticeStore(pool: pool)
    self.courier = courier
    self.randomness = randomness
    self.tell = tell
  }

  /// Delivers until the task is cancelled; one receiver that hangs does not delay the others.
  public func run() async {
    let slots = Slots(Self.concurrency)
    let wakeup = Wakeup()
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        await seal()
        let claimed = await claim(slots.free)
        for delivery in claimed {
          slots.take()
          group.addTask {
            await deliver(delivery)
            slots.giveBack()
            wakeup.wake()
          }
        }
        if claimed.isEmpty || slots.free == 0 { await wakeup.sleep(seconds: Self.pollSeconds) }
      }
    }
  }

  /// Makes one attempt at everything that is due now, for so long at most: for the end of a program,
  /// which cannot wait for what is retried.
  public func deliverDue(within patience: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { _ = await deliverDue() }
      group.addTask {
        // Cancelled when all was attempted before.
        do { try await Task.sleep(for: patience) } catch { return }
      }
      await group.next()
      group.cancelAll()
    }
  }

  /// Makes one attempt at everything that is due now; gives how many that were.
  @discardableResult
  public func deliverDue() async -> Int {
    await seal()
    var count = 0
    while !Task.isCancelled {
      let claimed = await claim(Self.concurrency)
      guard !claimed.isEmpty else { break }
      count += claimed.count
      await withDiscardingTaskGroup { group in
        for delivery in claimed { group.addTask { await deliver(delivery) } }
      }
    }
    return count
  }

  private func seal() async {
    await reporting { () throws(PostgresError) in
      while try await store.sealNotices(limit: 50) == 50 {}
    }
  }

  private func claim(_ room: Int) async -> [ClaimedDelivery] {
    guard room > 0 else { return [] }
    var claimed: [ClaimedDelivery] = []
    await reporting { () throws(PostgresError) in
      claimed = try await store.claimDeliveries(limit: room, leaseSeconds: Self.leaseSeconds)
    }
    return claimed
  }

  private func deliver(_ claimed: ClaimedDelivery) async {
    let decision: DeliveryDecision
    if let unwanted = claimed.unwanted {
      decision = .giveUp(message: unwanted, disablesSubscription: false)
    } else {
      let answer = await courier.deliver(claimed)
      // What came of it is not known; the lease runs out, and it is sent again.
      guard !Task.isCancelled || answer == .delivered else { return }
      var generator = randomness
      decision = DeliveryDecision.decide(
        answer, attempt: Int(claimed.attempt), age: claimed.age, using: &generator)
    }
    // Not cancelled with this task, because what is not written down is sent again.
    await Task { await settle(claimed, decision) }.value
  }

  /// Writes down what came of an attempt, over a connection that broke meanwhile too: judged by the
  /// attempt's number, the same is written once however often it is tried.
  private func settle(_ claimed: ClaimedDelivery, _ decision: DeliveryDecision) async {
    var triesLeft = Self.settleTries
    await reporting { () throws(PostgresError) in
      while true {
        triesLeft -= 1
        do throws(PostgresError) {
          try await store.settleDelivery(claimed, decision)
          return report(claimed, decision)
        } catch {
          guard triesLeft > 0, error.isRetryable || error.commitOutcomeUnknown else { throw error }
        }
      }
    }
  }

  private func report(_ claimed: ClaimedDelivery, _ decision: DeliveryDecision) {
    let (name, attempt) = (claimed.subscriptionName, Int(claimed.attempt))
    switch decision {
    case .delivered:
      tell(.noticeDelivered(notice: claimed.notice, subscription: name, attempt: attempt))
    case .retry(let after, let message):
      tell(
        .noticeFailed(
          notice: claimed.notice, subscription: name, attempt: attempt,
          retryAt: courier.now().adding(microseconds: after), message: message))
    case .giveUp(let message, _):
      tell(
        .noticeFailed(
          notice: claimed.notice, subscription: name, attempt: attempt, retryAt: nil,
          message: message))
    }
  }

  /// A database that is away is waited for: what is due stays due.
  private func reporting(_ body: () async throws(PostgresError) -> Void) async {
    do throws(PostgresError) {
      try await body()
    } catch {
      if !Task.isCancelled { tell(.troubled(part: "notifier", message: "\(error)")) }
    }
  }
}
