import Domain
import JSON
import Spelling

// Values of manifests, read with all their faults.
extension ObjectReader {
  /// A template; nil, with the fault noted, where there is none.
  func template(_ key: String) -> Template? {
    do throws(Template.Fault) {
      return try Template(string(key))
    } catch {
      fault(key, error.sentence)
      return nil
    }
  }

  /// The items of an object whose values are templates, if there is one.
  func items(_ key: String) -> [RestStream.Item] {
    guard let reader = optionalObject(key) else { return [] }
    return reader.keys.compactMap { name in
      reader.template(name).map { RestStream.Item(name: name, value: $0) }
    }
  }

  /// A path in an answer, if there is one.
  func optionalPath(_ key: String) -> JSONPath? {
    optionalString(key).map { JSONPath($0) }
  }

  /// A stretch of time in microseconds, as `90s`, `5min`, `2h` or `7d`, if there is one.
  func optionalDuration(_ key: String) -> Int64? {
    guard let text = optionalString(key) else { return nil }
    if let duration = Self.microseconds(text) { return duration }
    fault(key, "expected \(key) to be a time such as 90s, 5min, 2h or 7d, got \"\(text)\"")
    return nil
  }

  private static func microseconds(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let units: [Substring: Int64] = [
      "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000,
    ]
    guard let count = Int64(digits), 0...100_000_000 ~= count,
      let unit = units[text.dropFirst(digits.count)]
    else { return nil }
    let product = count.multipliedReportingOverflow(by: unit)
    return product.overflow ? nil : product.partialValue
  }
}

extension Template.Fault {
  /// One sentence for people.
  var sentence: String {
    switch self {
    case .unclosed: return "a { has no }; write {{ for a brace that is meant as text"
    case .unopened: return "a } has no {; write }} for a brace that is meant as text"
    case .unknownField(let name):
      let known = Template.Field.fixed.map(\.name)
      let hint = nearestName(to: name, among: known).map { "did you mean {\($0)}?" }
      let all = known.map { "{\($0)}" }.joined(separator: ", ")
      return "unknown field {\(name)}; \(hint ?? "there are \(all)")"
    }
  }
}
