/// A text with places that are filled in for every request: `created>={window.from}`.
///
/// There is no expression language: a place names one field, and nothing is computed. A brace
/// that is meant as text is written twice.
struct Template: Hashable, Sendable {
  /// What can be filled in.
  enum Field: Hashable, Sendable {
    /// The first bound of the window, as the source's filter wants it.
    case windowFrom
    /// The second bound of the window, as the source's filter wants it.
    case windowTo
    /// The one day that is asked for, where every request asks for one.
    case windowDate
    /// Where the page begins; has no value on the first page of most sources.
    case cursor
    /// How many records a page should hold.
    case pageSize
    /// The last record's id, once a result cap made the reading begin anew behind it.
    case lastID
    /// The job that makes an export.
    case job
    /// A field of the parent record that is read for.
    case parent(String)

    /// The fields with a fixed name.
    static let fixed: [Field] = [
      .windowFrom, .windowTo, .windowDate, .cursor, .pageSize, .lastID, .job,
    ]

    /// The name as it stands between braces.
    var name: String {
      switch self {
      case .windowFrom: "window.from"
      case .windowTo: "window.to"
      case .windowDate: "window.date"
      case .cursor: "cursor"
      case .pageSize: "page_size"
      case .lastID: "last_id"
      case .job: "job"
      case .parent(let path): "parent.\(path)"
      }
    }

    /// The field of a name; nil where there is none.
    init?(name: String) {
      if name.hasPrefix("parent."), name.utf8.count > 7 {
        self = .parent(String(name.dropFirst(7)))
        return
      }
      guard let field = Self.fixed.first(where: { $0.name == name }) else { return nil }
      self = field
    }
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
  /// Whether a body takes the text as a number: the whole is one field, written `{field:number}`.
  private(set) var isNumber = false

  /// A template of nothing.
  static let nothing = Template(parts: [.text("")])

  private init(parts: [Part]) { self.parts = parts }

  /// Reads a template.
  init(_ text: String) throws(Fault) {
    if text.hasPrefix("{"), text.hasSuffix(":number}"),
      let field = Field(name: String(text.dropFirst().dropLast(8)))
    {
      parts = [.field(field)]
      isNumber = true
      return
    }
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
    guard let field = Field(name: name) else { throw .unknownField(name) }
    return field
  }
}
