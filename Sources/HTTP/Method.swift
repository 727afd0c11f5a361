/// A request's method: a token, in which case matters.
public struct Method: RawRepresentable, Hashable, Sendable {
  /// The token.
  public let rawValue: String

  /// A method from its token.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Reads.
  public static let get = Method(rawValue: "GET")
  /// Reads the headers alone.
  public static let head = Method(rawValue: "HEAD")
  /// Hands something in.
  public static let post = Method(rawValue: "POST")
  /// Replaces what is there.
  public static let put = Method(rawValue: "PUT")
  /// Changes a part of what is there.
  public static let patch = Method(rawValue: "PATCH")
  /// Removes what is there.
  public static let delete = Method(rawValue: "DELETE")
}
