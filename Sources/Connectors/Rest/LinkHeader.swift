/// The `Link` header (RFC 8288), as far as pages are found by it.
enum LinkHeader {
  /// The target of the first link whose relation is `next`; nil where there is none.
  static func next(in values: [String]) -> String? {
    for value in values {
      var rest = Substring(value)
      while let link = takeLink(from: &rest) {
        if link.relations.contains("next") { return link.target }
      }
    }
    return nil
  }

  private static func takeLink(from rest: inout Substring) -> (
    target: String, relations: [String]
  )? {
    guard let open = rest.firstIndex(of: "<"),
      let close = rest[open...].firstIndex(of: ">")
    else { return nil }
    let target = String(rest[rest.index(after: open)..<close])
    rest = rest[rest.index(after: close)...]
    var relations: [String] = []
    while let parameter = takeParameter(from: &rest) {
      if parameter.name == "rel" {
        relations += parameter.value.lowercased().split(separator: " ").map(String.init)
      }
    }
    return (target, relations)
  }

  /// One `; name=value`; nil at the comma before the next link and at the end.
  private static func takeParameter(from rest: inout Substring) -> (name: String, value: String)? {
    rest = rest.drop { $0 == " " || $0 == "\t" }
    guard rest.first == ";" else { return nil }
    rest.removeFirst()
    rest = rest.drop { $0 == " " || $0 == "\t" }
    let name = rest.prefix { !"=;, ".contains($0) }
    rest = rest[name.endIndex...].drop { $0 == " " }
    guard rest.first == "=" else { return (name.lowercased(), "") }
    rest = rest.dropFirst().drop { $0 == " " }
    return (name.lowercased(), takeValue(from: &rest))
  }

  private static func takeValue(from rest: inout Substring) -> String {
    guard rest.first == "\"" else {
      let value = rest.prefix { !";, ".contains($0) }
      rest = rest[value.endIndex...]
      return String(value)
    }
    rest.removeFirst()
    var value = ""
    while let character = rest.popFirst(), character != "\"" {
      value.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
    }
    return value
  }
}
