public import JSON

extension KeyTemplate {
  /// The longest template, in characters.
  public static let longest = 256
  /// The most fields of a template.
  public static let mostFields = 16

  /// The template that a text such as `stripe:charge:{id}` writes.
  ///
  /// `changing` are the paths that may differ between two reads of one record, the stream's event
  /// time and version; they are refused.
  public init(_ text: String, changing: [JSONPath] = []) throws(InputFault) {
    do throws(InputFault.KeyProblem) {
      var parser = KeyTemplateParser(text)
      try parser.parse()
      try Self.check(parser, changing: changing)
      self.init(texts: parser.texts, fields: parser.fields)
    } catch {
      throw .badKey(text, error)
    }
  }

  private static func check(_ parsed: KeyTemplateParser, changing: [JSONPath])
    throws(InputFault.KeyProblem)
  {
    guard !parsed.fields.isEmpty else { throw .noField }
    guard parsed.fields.count <= mostFields else { throw .tooManyFields(limit: mostFields) }
    for (index, field) in parsed.fields.enumerated() {
      if index > 0, parsed.texts[index].isEmpty {
        throw .fieldsTouch(parsed.fields[index - 1].description, field.description)
      }
      if changing.contains(field) { throw .time(field.description) }
      if field.keys.count == 1, positions.contains(field.keys[0].lowercased()) {
        throw .position(field.description)
      }
    }
  }

  /// Names of fields that say where a record lies in a page or file, or when it was read.
  private static let positions: Set<String> = [
    "line", "line_number", "position", "offset", "page", "page_number", "index", "row",
    "row_number", "now", "today", "read_at", "fetched_at",
  ]
}

extension InputFault.KeyProblem: Error {}

/// Takes a template apart, character by character.
private struct KeyTemplateParser {
  private(set) var texts: [String] = []
  private(set) var fields: [JSONPath] = []
  private let characters: [Character]
  private var index = 0

  init(_ text: String) {
    characters = Array(text)
  }

  mutating func parse() throws(InputFault.KeyProblem) {
    guard !characters.isEmpty else { throw .empty }
    guard characters.count <= KeyTemplate.longest else {
      throw .tooLong(limit: KeyTemplate.longest)
    }
    var text = ""
    while let character = next() {
      switch character {
      case "{" where peek == "{", "}" where peek == "}":
        index += 1
        text.append(character)
      case "{":
        texts.append(text)
        text = ""
        fields.append(try field())
      case "}": throw .unopenedBrace
      case _
      where character.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }):
        throw .controlCharacter
      default: text.append(character)
      }
    }
    texts.append(text)
  }

  private mutating func field() throws(InputFault.KeyProblem) -> JSONPath {
    var name = ""
    while let character = next() {
      guard character != "}" else { return try path(name) }
      guard character != "{" else { throw .unclosedBrace }
      name.append(character)
    }
    throw .unclosedBrace
  }

  private func path(_ name: String) throws(InputFault.KeyProblem) -> JSONPath {
    let keys = name.split(separator: ".", omittingEmptySubsequences: false)
    let isSound = keys.allSatisfy { key in
      !key.isEmpty && key.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
    }
    guard isSound else { throw .badField(name) }
    return JSONPath(name)
  }

  private var peek: Character? { index < characters.count ? characters[index] : nil }

  private mutating func next() -> Character? {
    defer { index += 1 }
    return peek
  }
}
