extension JSONValue {
  /// The text of a string; nil for another kind.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The text of a number as written; nil for another kind.
  public var numberText: String? {
    if case .number(let text) = self { text } else { nil }
  }

  /// The value of a whole number that fits, written without point or exponent; nil for another kind.
  public var int: Int? { numberText.flatMap { Int($0) } }

  /// The value of true or false; nil for another kind.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array; nil for another kind.
  public var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members of an object; nil for another kind.
  public var object: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// Whether it is null.
  public var isNull: Bool {
    if case .null = self { true } else { false }
  }

  /// The value of a key; nil where there is none, or no object.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// The value at a path; nil where it leads nowhere.
  public subscript(path: JSONPath) -> JSONValue? {
    path.keys.reduce(self as JSONValue?) { value, key in value?[key] }
  }
}
