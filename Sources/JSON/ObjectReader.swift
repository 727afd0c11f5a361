import Spelling

/// Reads a definition out of an object and gathers all its faults.
///
/// Where a value is missing or wrong, a fault is noted and a stand-in returned, so that reading goes
/// on to the next fault. What was read must not be used before the faults are known to be none: read
/// through `ObjectReader.read`, which sees to that.
public final class ObjectReader {
  /// The keys that lead to this object, such as `sources.shop.streams[2]`; empty for the whole.
  public let path: String
  /// Where its faults go.
  public let faults: FaultCollector

  private let object: JSONObject
  /// Whether this stands in for an object that is missing, about which all has been said.
  private let isStandIn: Bool
  private var known: [String] = []
  private var children: [ObjectReader] = []
  private var isFinished = false

  /// A reader of an object; another value is a fault.
  public convenience init(_ value: JSONValue, path: String = "", faults: FaultCollector) {
    if value.object == nil {
      let place = path.isEmpty ? "the document" : "it"
      faults.add(path: path, "expected \(place) to be an object, got \(value.summary)")
    }
    self.init(value.object, path: path, faults: faults)
  }

  private init(_ object: JSONObject?, path: String, faults: FaultCollector) {
    self.object = object ?? JSONObject()
    isStandIn = object == nil
    self.path = path
    self.faults = faults
  }

  /// Reads a whole definition; throws all its faults, unknown keys at any depth among them.
  public static func read<Definition>(
    _ value: JSONValue, _ body: (ObjectReader) -> Definition
  ) throws(Faults) -> Definition {
    let faults = FaultCollector()
    let reader = ObjectReader(value, faults: faults)
    let definition = body(reader)
    reader.finish()
    try faults.throwIfAny()
    return definition
  }

  /// The keys of the object, in order.
  public var keys: [String] { object.members.map(\.key) }

  /// The path of a key of this object.
  public func path(to key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Notes a fault at a key.
  public func fault(_ key: String, _ message: String) {
    faults.add(path: path(to: key), message)
  }

  /// Reports the keys that nobody asked for, here and in the objects read from here, each with the
  /// nearest that would have been known.
  public func finish() {
    guard !isFinished else { return }
    isFinished = true
    for key in keys where !known.contains(key) {
      let meant = nearestName(to: key, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
      faults.add(path: path, "unknown key \"\(key)\"\(meant)")
    }
    for child in children { child.finish() }
  }

  // MARK: Steps of the typed readers

  /// The value of a key; a fault and the stand-in where it is missing or not as expected.
  func required<Value>(
    _ key: String, _ expectation: Expectation<Value>, standIn: Value
  ) -> Value {
    if let value = member(key) {
      return accepted(value, at: path(to: key), name: key, expectation) ?? standIn
    }
    if !isStandIn {
      let found = object[key] == nil ? "nothing" : "null"
      fault(key, "expected \(key) to be \(expectation.words), got \(found)")
    }
    return standIn
  }

  /// The value of a key; nil where it is missing or null, and with a fault where not as expected.
  func optional<Value>(_ key: String, _ expectation: Expectation<Value>) -> Value? {
    member(key).flatMap { accepted($0, at: path(to: key), name: key, expectation) }
  }

  /// A value that must be as expected; nil and a fault where it is not.
  func accepted<Value>(
    _ value: JSONValue, at path: String, name: String, _ expectation: Expectation<Value>
  ) -> Value? {
    if let accepted = expectation.read(value) { return accepted }
    let hint = expectation.hint(value).map { "; did you mean \"\($0)\"?" } ?? ""
    faults.add(
      path: path, "expected \(name) to be \(expectation.words), got \(value.summary)\(hint)")
    return nil
  }

  /// A reader of an object below this one, which `finish` reaches; nil for one that is missing.
  func child(_ object: JSONObject?, path: String) -> ObjectReader {
    let reader = ObjectReader(object, path: path, faults: faults)
    children.append(reader)
    return reader
  }

  private func member(_ key: String) -> JSONValue? {
    known.append(key)
    faults.ask(for: path(to: key))
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }
}

extension JSONValue {
  /// The value as a person would name it in a sentence: short values whole, others by their kind.
  fileprivate var summary: String {
    switch self {
    case .null, .bool, .number, .string:
      let text = encoded()
      return text.count <= 60 ? text : text.prefix(57) + "…"
    case .array(let elements):
      return elements.isEmpty ? "an empty list" : "a list"
    case .object:
      return "an object"
    }
  }
}
