/// Why a server cannot listen.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence that says what happened.
  public let description: String
}
