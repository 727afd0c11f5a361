/// A request's method: a token, in which case matters.
public struct Method: RawRepresentable, Hashable, Sendable {
  /// The token.
  public let rawValue: String

  /// A method from its token.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  public static let get = Method(rawValue: "GET")
  public static let head = Method(rawValue: "HEAD")
  public static let post = Method(rawValue: "POST")
  public static let put = Method(rawValue: "PUT")
  public static let patch = Method(rawValue: "PATCH")
  public static let delete = Method(rawValue: "DELETE")
}
