/// A JSON value as data: numbers stay the text that was written, objects keep their order.
///
/// Equality is by bytes: numbers written differently differ, see `canonical()` for their values.
public indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number, as the text that was written; never a Double.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue: Hashable {
  /// Equal when written the same, white space aside.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): ExactText.areEqual(left, right)
    case (.string(let left), .string(let right)): ExactText.areEqual(left, right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }

  /// Hashes the kind and the content.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value ? 1 : 2)
    case .number(let text): ExactText(text).hash(into: &hasher)
    case .string(let text): ExactText(text).hash(into: &hasher)
    case .array(let elements): hasher.combine(elements)
    case .object(let object): hasher.combine(object)
    }
  }
}
