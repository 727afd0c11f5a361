/// A message that a transaction sent with NOTIFY.
public struct Notification: Hashable, Sendable {
  /// The channel on which it came.
  public let channel: String
  /// What the sender said; empty where it said nothing.
  public let payload: String
}
