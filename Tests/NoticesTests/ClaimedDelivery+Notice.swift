import Domain
import JSON
import Stores

extension ClaimedDelivery {
  /// The notice that is delivered.
  func notice() throws -> Notice {
    try Notice(
      id: notice, kindName: kind, facts: try JSONValue.parse(facts), createdAt: createdAt)
  }
}
