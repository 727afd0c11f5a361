import Domain
import JSON

/// What differs from account to account in a manifest: `{parameters.shop}`, which the source gives as
/// `parameters: {shop: "acme"}`.
enum Parameters {
  /// The definition of a source with its parameters filled in; one that is not given stays as it is,
  /// to be refused by those who read it.
  static func filled(_ source: JSONValue) -> JSONValue {
    let given = (source["parameters"]?.object?.members ?? []).compactMap { name, value in
      value.plainText.map { ("{parameters.\(name)}", $0) }
    }
    guard !given.isEmpty else { return source }
    return filled(source, given)
  }

  private static func filled(_ value: JSONValue, _ given: [(String, String)]) -> JSONValue {
    switch value {
    case .string(let text) where text.contains("{parameters."):
      return .string(given.reduce(text) { replacing($1.0, in: $0, by: $1.1) })
    case .array(let elements): return .array(elements.map { filled($0, given) })
    case .object(let object):
      var copy = JSONObject()
      for (key, value) in object.members { copy[key] = filled(value, given) }
      return .object(copy)
    case .null, .bool, .number, .string: return value
    }
  }

  private static func replacing(_ name: String, in text: String, by value: String) -> String {
    var parts: [Substring] = []
    var rest = text[...]
    while let range = rest.firstRange(of: name) {
      parts += [rest[..<range.lowerBound], value[...]]
      rest = rest[range.upperBound...]
    }
    return (parts + [rest]).joined()
  }

  /// Notes what is asked for and not given.
  static func check(_ reader: ObjectReader) {
    if let given = reader.optionalObject("parameters") {
      for name in given.keys where given.optionalValue(name).map({ $0.plainText == nil }) == true {
        given.fault(name, "expected a text, a number, true or false")
      }
    }
  }

  /// The names of the parameters that a definition still asks for, each once.
  static func missing(in value: JSONValue) -> [String] {
    var names: [String] = []
    collect(value, &names)
    return names
  }

  private static func collect(_ value: JSONValue, _ names: inout [String]) {
    switch value {
    case .string(let text):
      var rest = text[...]
      while let start = rest.firstRange(of: "{parameters.") {
        rest = rest[start.upperBound...]
        let name = String(rest.prefix { $0 != "}" })
        if !names.contains(name) { names.append(name) }
      }
    case .array(let elements): for element in elements { collect(element, &names) }
    case .object(let object): for (_, value) in object.members { collect(value, &names) }
    case .null, .bool, .number: break
    }
  }
}
