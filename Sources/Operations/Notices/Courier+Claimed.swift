import Domain
import JSON
import Stores

extension Courier {
  /// Makes one attempt at a delivery as it is stored.
  func deliver(_ claimed: ClaimedDelivery) async -> DeliveryAnswer {
    let notice: Notice
    let delivery: Delivery
    do {
      delivery = try Delivery(json: try JSONValue.parse(claimed.delivery))
      notice = try Notice(
        id: claimed.notice, kindName: claimed.kind, facts: try JSONValue.parse(claimed.facts),
        createdAt: claimed.createdAt)
    } catch {
      return .failed(
        message: "This program cannot read how the notice is to be delivered: \(error)",
        retryAfter: nil)
    }
    return await deliver(notice, by: delivery)
  }
}
