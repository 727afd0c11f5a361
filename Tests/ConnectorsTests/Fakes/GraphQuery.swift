import JSON

/// A query of GraphQL, as far as a connector writes one: fields with arguments and selections.
struct GraphQuery {
  /// A field that is asked for.
  struct Field {
    var name: String
    var arguments: [String: Argument] = [:]
    var fields: [Field] = []
  }

  /// The value of an argument.
  enum Argument: Hashable {
    case variable(String)
    case word(String)
  }

  /// Why a text is no such query.
  struct Fault: Error {
    var message: String
  }

  /// The fields at the root.
  let fields: [Field]

  init(_ text: String) throws {
    var reader = GraphQueryReader(text)
    fields = try reader.takeQuery()
  }
}

/// Reads a query token by token.
private struct GraphQueryReader {
  private var tokens: ArraySlice<String>

  init(_ text: String) {
    var tokens: [String] = []
    var word = ""
    for character in text {
      if character.isLetter || character.isNumber || "_$!".contains(character) {
        word.append(character)
        continue
      }
      if !word.isEmpty { tokens.append(word) }
      word = ""
      if "{}():".contains(character) { tokens.append(String(character)) }
    }
    self.tokens = tokens[...]
  }

  mutating func takeQuery() throws -> [GraphQuery.Field] {
    guard tokens.popFirst() == "query" else { throw GraphQuery.Fault(message: "Expected a query") }
    if tokens.first == "(" {
      guard let end = tokens.firstIndex(of: ")") else {
        throw GraphQuery.Fault(message: "Expected )")
      }
      tokens = tokens[(end + 1)...]
    }
    let fields = try takeSelection()
    guard tokens.isEmpty else { throw GraphQuery.Fault(message: "Expected the end") }
    return fields
  }

  private mutating func takeSelection() throws -> [GraphQuery.Field] {
    guard tokens.popFirst() == "{" else { throw GraphQuery.Fault(message: "Expected {") }
    var fields: [GraphQuery.Field] = []
    while let name = tokens.popFirst() {
      if name == "}" { return fields }
      var field = GraphQuery.Field(name: name)
      if tokens.first == "(" { field.arguments = try takeArguments() }
      if tokens.first == "{" { field.fields = try takeSelection() }
      fields.append(field)
    }
    throw GraphQuery.Fault(message: "Expected }")
  }

  private mutating func takeArguments() throws -> [String: GraphQuery.Argument] {
    tokens.removeFirst()
    var arguments: [String: GraphQuery.Argument] = [:]
    while let name = tokens.popFirst(), name != ")" {
      guard tokens.popFirst() == ":", let value = tokens.popFirst() else {
        throw GraphQuery.Fault(message: "Expected a value of \(name)")
      }
      arguments[name] =
        value.hasPrefix("$") ? .variable(String(value.dropFirst())) : .word(value)
    }
    return arguments
  }
}

extension GraphQuery.Field {
  /// What an object has of the field's selection; throws for fields that it does not have.
  func selected(of object: JSONValue) throws -> JSONValue {
    var selected = JSONObject()
    for field in fields {
      guard let value = object[field.name] else {
        throw GraphQuery.Fault(message: "Field '\(field.name)' doesn't exist")
      }
      selected[field.name] = try field.value(of: value)
    }
    return .object(selected)
  }

  private func value(of value: JSONValue) throws -> JSONValue {
    switch value {
    case .array(let elements) where !fields.isEmpty:
      return .array(try elements.map { try selected(of: $0) })
    case .object where fields.isEmpty:
      throw GraphQuery.Fault(message: "Field '\(name)' must have selections")
    case .object: return try selected(of: value)
    default: return value
    }
  }

  /// The points of an object with this selection: one for itself and for each object in it.
  var cost: Int { fields.reduce(fields.isEmpty ? 0 : 1) { $0 + $1.cost } }
}
