public import JSON

/// How an idempotency key is made of a record: text and fields in turn, `stripe:charge:{id}`.
public struct KeyTemplate: Hashable, Sendable {
  /// The text before each field, and after the last: always one more than `fields`.
  public let texts: [String]
  /// The fields, in order; at least one.
  public let fields: [JSONPath]

  /// A template from its parts.
  public init(texts: [String], fields: [JSONPath]) {
    self.texts = texts
    self.fields = fields
  }
}
