/// A JSON value as data: numbers stay the text that was written, objects keep their order.
public indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number, as the text that was written; never a Double.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// The members of a JSON object in the order written; every key once.
public struct JSONObject: Hashable, Sendable {
  /// The members, in order.
  public private(set) var members: [(key: String, value: JSONValue)] = []

  /// An empty object.
  public init() {}

  /// The value of a key.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      let known = members.firstIndex { $0.key == key }
      switch (known, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append((key, value))
      case (nil, nil): break
      }
    }
  }

  /// Equal when the members are, order included.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
  }

  /// Hashes the members in order.
  public func hash(into hasher: inout Hasher) {
    for member in members {
      hasher.combine(member.key)
      hasher.combine(member.value)
    }
  }
}
