import JSON

/// A JSON document whose strings are templates.
///
/// A member of an object whose template has no value is left out, and so is an element of a list in
/// which one has none: a filter without its value is no filter.
indirect enum BodyTemplate: Hashable, Sendable {
  case text(Template)
  case array([BodyTemplate])
  case object([Member])
  /// A value without strings.
  case plain(JSONValue)

  /// A member of an object.
  struct Member: Hashable, Sendable {
    var key: String
    var value: BodyTemplate
  }

  /// Reads a document; the fault comes with the path of the string that is no template.
  init(_ value: JSONValue, path: String = "", fault: (String, Template.Fault) -> Void) {
    switch value {
    case .string(let text):
      do throws(Template.Fault) {
        self = .text(try Template(text))
      } catch {
        fault(path, error)
        self = .plain(value)
      }
    case .array(let elements):
      self = .array(
        elements.enumerated().map { index, element in
          BodyTemplate(element, path: "\(path)[\(index)]", fault: fault)
        })
    case .object(let object):
      self = .object(
        object.members.map { key, value in
          Member(
            key: key,
            value: BodyTemplate(value, path: "\(path).\(key)", fault: fault))
        })
    case .null, .bool, .number: self = .plain(value)
    }
  }

  /// The fields that are filled in.
  var fields: Set<Template.Field> {
    switch self {
    case .text(let template): template.fields
    case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.fields) }
    case .object(let members): members.reduce(into: []) { $0.formUnion($1.value.fields) }
    case .plain: []
    }
  }

  /// The document with every template filled in; nil where this one has no value.
  func filled(with values: [Template.Field: String]) -> JSONValue? {
    switch self {
    case .text(let template):
      guard let text = template.filled(with: values) else { return nil }
      return template.isNumber && Self.isNumber(text) ? .number(text) : .string(text)
    case .array(let elements):
      return .array(elements.filter { !$0.lacks(values) }.compactMap { $0.filled(with: values) })
    case .plain(let value): return value
    case .object(let members):
      var object = JSONObject()
      for member in members { object[member.key] = member.value.filled(with: values) }
      return .object(object)
    }
  }

  /// Whether a template right in this object has no value.
  private func lacks(_ values: [Template.Field: String]) -> Bool {
    guard case .object(let members) = self else { return false }
    return members.contains { member in
      guard case .text(let template) = member.value else { return false }
      return template.filled(with: values) == nil
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    Int64(text) != nil && String(Int64(text) ?? 0) == text
  }
}
