/// Where a value lies in a JSON document: the object keys that lead to it, outermost first.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  /// The object keys, outermost first; empty for the document itself.
  public let keys: [String]

  /// A path from its keys.
  public init(keys: [String]) {
    self.keys = keys
  }

  /// A path from its dotted form, such as `data.object.id`; the empty text is the document itself.
  public init(_ dotted: String) {
    keys = dotted.split(separator: ".", omittingEmptySubsequences: true).map(String.init)
  }

  /// The dotted form.
  public var description: String { keys.joined(separator: ".") }
}
