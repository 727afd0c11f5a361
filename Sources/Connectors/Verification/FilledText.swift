import JSON

/// Texts of a definition with places such as `{window.from}`, filled in for one request.
///
/// Written apart from the templates of the reader, so that no fault is in both.
struct FilledText {
  /// What stands for which place.
  var values: [String: String]

  /// The text with its places filled in; nil where one of them has no value.
  func text(_ template: String, encoding encode: (String) -> String = { $0 }) -> String? {
    var filled = ""
    var rest = Substring(template)
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      filled += rest[..<brace]
      rest = rest[brace...]
      if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
        filled.append(rest.removeFirst())
        rest.removeFirst()
        continue
      }
      guard let end = rest.firstIndex(of: "}") else { return nil }
      guard let value = values[String(rest[rest.index(after: rest.startIndex)..<end])] else {
        return nil
      }
      filled += encode(value)
      rest = rest[rest.index(after: end)...]
    }
    return filled + rest
  }

  /// A body with the places of its texts filled in; members without a value are left out.
  func body(_ template: JSONValue) -> JSONValue? {
    switch template {
    case .string(let text): return self.text(text).map { .string($0) }
    case .array(let elements): return .array(elements.compactMap(body))
    case .object(let object):
      var filled = JSONObject()
      for (name, value) in object.members {
        if let value = body(value) { filled[name] = value }
      }
      return .object(filled)
    case .null, .bool, .number: return template
    }
  }
}
