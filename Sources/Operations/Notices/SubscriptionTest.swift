public import Domain
public import Postgres
import Stores

/// Sends a test notice to one subscription the way that all notices go.
public struct SubscriptionTest: Sendable {
  private let subscriptions: SubscriptionStore
  private let notices: NoticeStore
  private let courier: Courier

  /// A test on a pool.
  public init(pool: Pool, courier: Courier) {
    subscriptions = SubscriptionStore(pool: pool)
    notices = NoticeStore(pool: pool)
    self.courier = courier
  }

  /// Makes one attempt and gives what came of it; a test is not retried.
  ///
  /// A subscription that was disabled hears again once it takes one.
  public func send(to name: String) async throws -> (notice: NoticeID, answer: DeliveryAnswer) {
    let claimed = try await notices.writeTest(for: name, leaseSeconds: Notifier.leaseSeconds)
    guard let claimed else {
      let known = try await subscriptions.listSubscriptions().map(\.name)
      throw OperationFault.unknownSubscription(name, known: known)
    }
    let answer = await courier.deliver(claimed)
    try await notices.settleDelivery(claimed, Self.decision(answer))
    return (claimed.notice, answer)
  }

  private static func decision(_ answer: DeliveryAnswer) -> DeliveryDecision {
    switch answer {
    case .delivered: .delivered
    case .gone(let message): .giveUp(message: message, disablesSubscription: true)
    case .failed(let message, _): .giveUp(message: message, disablesSubscription: false)
    }
  }
}
