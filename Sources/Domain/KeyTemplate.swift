public import JSON

/// How an idempotency key is made of a record: text and fields in turn, `stripe:charge:{id}`.
///
/// A field is a path in braces, `{id}` or `{data.id}`; a brace that is meant as text is doubled.
/// Two fields need text between them, and a field must identify the record: one that says where or
/// when it was read is refused, and so is the stream's own event time or version.
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

extension KeyTemplate: CustomStringConvertible {
  /// The template as it is written.
  public var description: String {
    var text = escaped(texts.first ?? "")
    for (field, after) in zip(fields, texts.dropFirst()) {
      text += "{\(field)}" + escaped(after)
    }
    return text
  }

  private func escaped(_ text: String) -> String {
    text.replacing("{", with: "{{").replacing("}", with: "}}")
  }
}
