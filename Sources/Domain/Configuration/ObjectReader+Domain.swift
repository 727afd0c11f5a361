import JSON
import Spelling

// Values of the domain, read with all their faults.
extension ObjectReader {
  /// A value that a text names, if there is one; what the text is refused for becomes the fault.
  func optionalParsed<Value>(_ key: String, _ parse: (String) throws(InputFault) -> Value) -> Value?
  {
    optionalString(key).flatMap { parsed($0, key, parse) }
  }

  /// The value that a text names; nil and the fault where it is refused.
  func parsed<Value>(
    _ text: String, _ key: String, _ parse: (String) throws(InputFault) -> Value
  ) -> Value? {
    do throws(InputFault) {
      return try parse(text)
    } catch {
      fault(key, "\(error)")
      return nil
    }
  }

  /// A path to a field of a record; the stand-in is empty.
  func fieldPath(_ key: String) -> JSONPath {
    checkedPath(string(key), key)
  }

  /// Paths to fields of a record, if there are any.
  func fieldPaths(_ key: String) -> [JSONPath] {
    texts(key).map { checkedPath($1, "\(key)[\($0)]") }
  }

  /// The path that a text writes, with a fault where it writes none.
  func checkedPath(_ text: String, _ key: String) -> JSONPath {
    let path = JSONPath(text)
    if !text.isEmpty, path.description != text {
      fault(key, "\(Wording.quoted(text)) is no path to a field; write id, or data.id")
    }
    return path
  }

  /// The IANA name of a zone, if there is one.
  func optionalZoneName(_ key: String) -> String? {
    optionalParsed(key) { (name) throws(InputFault) in try Zone(name).name }
  }

  /// A reference to a secret; what stands there instead is never repeated.
  func secret(_ key: String) -> SecretReference? {
    switch optionalValue(key) {
    case .string(let text)?: return parsed(text, key, SecretReference.init)
    case nil: fault(key, "expected \(key) to name a secret, as env:NAME or file:/path, got nothing")
    default: fault(key, "\(InputFault.literalSecret)")
    }
    return nil
  }

  /// The texts of a list, if there is one, with their places in it; others are left out as faults.
  func texts(_ key: String) -> [(place: Int, text: String)] {
    guard let values = optionalList(key), optionalStrings(key) != nil else { return [] }
    return values.enumerated().compactMap { place, value in
      value.string.flatMap { $0.isEmpty ? nil : (place, $0) }
    }
  }

  /// The texts of a list that must have some; `orElse` is said of an empty one.
  func texts(_ key: String, orElse hint: String) -> [(place: Int, text: String)] {
    guard let value = optionalValue(key) else {
      _ = list(key)
      return []
    }
    if value == .array([]) { fault(key, hint) }
    return texts(key)
  }

  /// A list of values of an enum, by their raw values; `orElse` is said of an empty one.
  func choices<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, orElse hint: String)
    -> [Choice]
  {
    let known = Choice.allCases.map(\.rawValue)
    return texts(key, orElse: hint).compactMap { index, name in
      if let choice = Choice(rawValue: name) { return choice }
      let nearest =
        nearestName(to: name, among: known).map { "did you mean \($0)?" }
        ?? "write \(Wording.list(known, "or"))"
      fault("\(key)[\(index)]", "\(Wording.quoted(name)) is not known; \(nearest)")
      return nil
    }
  }

  /// Everything that was not asked for: what only another room understands.
  func remainder(after shared: [String]) -> JSONValue {
    var rest = JSONObject()
    for key in keys where !shared.contains(key) {
      rest[key] = optionalValue(key)
    }
    return .object(rest)
  }
}
