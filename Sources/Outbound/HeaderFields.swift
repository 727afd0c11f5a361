/// The headers of a message: order and repetitions are kept, names compare without regard to case.
public struct HeaderFields: Hashable, Sendable {
  /// One header.
  public struct Field: Hashable, Sendable {
    /// The name as written.
    public var name: String
    /// The value, without the blanks around it.
    public var value: String
  }

  /// The headers in order.
  public private(set) var fields: [Field] = []

  /// No headers.
  public init() {}

  /// Adds a header behind the others, whether or not there is one of its name.
  public mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The first value of a name; nil where there is none.
  ///
  /// Setting replaces all of the name.
  public subscript(name: String) -> String? {
    get { fields.first { equalIgnoringCase($0.name, name) }?.value }
    set {
      fields.removeAll { equalIgnoringCase($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// All values of a name, in order.
  public func all(_ name: String) -> [String] {
    fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
  }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
  /// The headers of a literal, in its order.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }
}

/// Whether two texts are equal but for the case of ASCII letters.
func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count
    && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

/// The small letter of an ASCII capital; any other byte as it is.
func lowercased(_ byte: UInt8) -> UInt8 {
  (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}
