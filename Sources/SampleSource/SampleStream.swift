/// The collections of the shop.
public enum SampleStream: String, CaseIterable, Sendable {
  /// What was bought, at `/v1/orders`.
  case orders
  /// What was given back, at `/v1/refunds`; amounts are negative.
  case refunds
}
