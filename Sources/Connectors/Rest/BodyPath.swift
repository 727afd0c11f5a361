import JSON

/// A path in an answer that may pass through lists: `errors[].extensions.code`.
struct BodyPath: Hashable, Sendable, CustomStringConvertible {
  /// The path up to the first list, or whole.
  let head: JSONPath
  /// The rest, for every element of the list; nil where there is no list.
  private let tail: [String]?

  /// A path from its dotted form.
  init(_ dotted: String) {
    let keys = JSONPath(dotted).keys
    guard let list = keys.firstIndex(where: { $0.hasSuffix("[]") }) else {
      head = JSONPath(keys: keys)
      tail = nil
      return
    }
    let name = String(keys[list].dropLast(2))
    head = JSONPath(keys: keys[..<list] + (name.isEmpty ? [] : [name]))
    tail = Array(keys[(list + 1)...])
  }

  /// The dotted form.
  var description: String {
    guard let tail else { return head.description }
    return ([head.description + "[]"] + tail).joined(separator: ".")
  }

  /// All values that the path leads to, from the value at its head on.
  func values(in found: JSONValue) -> [JSONValue] {
    guard let tail else { return [found] }
    return (found.array ?? []).flatMap { element in
      guard !tail.isEmpty else { return [element] }
      let rest = BodyPath(tail.joined(separator: "."))
      return element[rest.head].map { rest.values(in: $0) } ?? []
    }
  }

  /// All values that the path leads to in a document.
  func values(inDocument document: JSONValue) -> [JSONValue] {
    document[head].map { values(in: $0) } ?? []
  }
}

extension JSONValue {
  /// The text of a text, number or flag; nil for another kind.
  var plainText: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .null, .array, .object: nil
    }
  }

  /// Whether it says nothing: null, false, empty, or no object with members.
  var isNothing: Bool {
    switch self {
    case .null, .bool(false): true
    case .string(let text): text.isEmpty
    case .array(let elements): elements.isEmpty
    case .object(let object): object.isEmpty
    case .bool(true), .number: false
    }
  }
}
