/// A text with places that are filled in for every request: `created>={window.from}`.
///
/// There is no expression language: a place names one field, and nothing is computed. A brace
/// that is meant as text is written twice.
struct Template: Hashable, Sendable {
  /// What can be filled in.
  enum Field: String, CaseIterable, Sendable {
    /// The first bound of the window, as the source's filter wants it.
    case windowFrom = "window.from"
    /// The second bound of the window, as the source's filter wants it.
    case windowTo = "window.to"
    /// Where the page begins; has no value on the first page of most sources.
    case cursor
    /// How many records a page should hold.
    case pageSize = "page_size"
  }

  /// Why a text is not a template.
  enum Fault: Error, Hashable {
    /// A `{` without its `}`.
    case unclosed
    /// A `}` without its `{`.
    case unopened
    /// A field that does not exist.
    case unknownField(String)
  }

  private enum Part: Hashable {
    case text(String)
    case field(Field)
  }

  private var parts: [Part] = []

  /// Reads a template.
  init(_ text: String) throws(Fault) {
    var literal = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      switch character {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        rest.removeFirst()
        literal.append(character)
      case "{":
        if !literal.isEmpty { parts.append(.text(literal)) }
        literal = ""
        parts.append(.field(try Self.takeField(from: &rest)))
      case "}":
        throw .unopened
      default:
        literal.append(character)
      }
    }
    if !literal.isEmpty || parts.isEmpty { parts.append(.text(literal)) }
  }

  /// The fields that are filled in.
  var fields: Set<Field> {
    Set(parts.compactMap { if case .field(let field) = $0 { field } else { nil } })
  }

  /// The text with every field filled in and encoded; nil where one of them has no value.
  func filled(
    with values: [Field: String], encoding encode: (String) -> String = { $0 }
  ) -> String? {
    var text = ""
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .field(let field):
        guard let value = values[field] else { return nil }
        text += encode(value)
      }
    }
    return text
  }

  private static func takeField(from rest: inout Substring) throws(Fault) -> Field {
    guard let end = rest.firstIndex(of: "}") else { throw .unclosed }
    let name = String(rest[..<end])
    rest = rest[rest.index(after: end)...]
    guard let field = Field(rawValue: name) else { throw .unknownField(name) }
    return field
  }
}
