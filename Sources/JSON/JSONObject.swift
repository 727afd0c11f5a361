/// The members of a JSON object in the order written; every key once.
public struct JSONObject: Hashable, Sendable {
  /// The members, in order.
  public private(set) var members: [(key: String, value: JSONValue)] = []
  /// Where each key is; made once there are too many to look through.
  private var places: [ExactText: Int] = [:]

  /// Up to so many members are looked through one by one, which is faster than hashing.
  private static let small = 16

  /// An empty object.
  public init() {}

  /// Whether there are no members.
  public var isEmpty: Bool { members.isEmpty }

  /// The number of members.
  public var count: Int { members.count }

  /// The value of a key; setting nil removes the member, a new key is appended.
  public subscript(key: String) -> JSONValue? {
    get { place(of: key).map { members[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): remove(at: place)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// Appends a member; false, and nothing changed, if the key is there already.
  mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
    guard place(of: key) == nil else { return false }
    append(key, value)
    return true
  }

  private func place(of key: String) -> Int? {
    guard places.isEmpty else { return places[ExactText(key)] }
    return members.firstIndex { ExactText.areEqual($0.key, key) }
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    members.append((key, value))
    if !places.isEmpty {
      places[ExactText(key)] = members.count - 1
    } else if members.count > Self.small {
      notePlaces()
    }
  }

  private mutating func remove(at place: Int) {
    members.remove(at: place)
    if !places.isEmpty { notePlaces() }
  }

  private mutating func notePlaces() {
    places.removeAll(keepingCapacity: true)
    for (place, member) in members.enumerated() { places[ExactText(member.key)] = place }
  }

  /// Equal when the members are, order included, texts byte for byte.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.elementsEqual(right.members) {
      ExactText.areEqual($0.key, $1.key) && $0.value == $1.value
    }
  }

  /// Hashes the members in order.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(members.count)
    for member in members {
      ExactText(member.key).hash(into: &hasher)
      hasher.combine(member.value)
    }
  }
}

/// A text compared by its bytes; String itself takes é and e with an accent for the same.
struct ExactText: Hashable {
  let text: String

  init(_ text: String) {
    self.text = text
  }

  static func areEqual(_ left: String, _ right: String) -> Bool {
    // Texts of equal bytes are equal to String as well, which mostly sees at once that they are not.
    left == right && left.utf8.elementsEqual(right.utf8)
  }

  static func == (left: ExactText, right: ExactText) -> Bool { areEqual(left.text, right.text) }

  func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xff as UInt8)
  }
}
