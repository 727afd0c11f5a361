import Domain
import JSON
public import Stores

/// Looks whether those who subscribed are told, and could be told from this machine.
public enum SubscriptionDiagnosis {
  /// What is to be said of subscriptions; nobody is sent anything.
  public static func findings(_ subscriptions: [SubscriptionRow], courier: Courier) -> [Finding] {
    let faults = subscriptions.compactMap { subscription in
      fault(of: subscription, courier).map {
        Finding("subscription", .warning, "\(subscription.name): \($0)")
      }
    }
    guard faults.isEmpty, !subscriptions.isEmpty else { return faults }
    let count = Wording.count(subscriptions.count, "subscription")
    return [Finding("subscription", .ok, "\(count) can be told from here.")]
  }

  private static func fault(of subscription: SubscriptionRow, _ courier: Courier) -> String? {
    if let reason = subscription.disabledReason {
      return "It is told nothing any more (\(Wording.shortened(reason, to: 200))); once that is "
        + "mended, run: backfill subscriptions --test \(subscription.name)"
    }
    do {
      let delivery = try Delivery(json: try JSONValue.parse(subscription.delivery))
      return courier.failure(of: delivery)?.message
    } catch {
      return "The definition cannot be read (\(error)); apply it again."
    }
  }
}
