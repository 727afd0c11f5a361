extension ObjectReader {
  /// Any value but null; the stand-in is null.
  public func value(_ key: String) -> JSONValue {
    required(key, .anything, standIn: .null)
  }

  /// Any value, if there is one; null counts as missing.
  public func optionalValue(_ key: String) -> JSONValue? {
    optional(key, .anything)
  }

  /// A string that is not empty; the stand-in is the empty string.
  public func string(_ key: String) -> String {
    required(key, .filledString, standIn: "")
  }

  /// A string that is not empty, if there is one.
  public func optionalString(_ key: String) -> String? {
    optional(key, .filledString)
  }

  /// A whole number within bounds; the stand-in is the lower bound.
  public func int(_ key: String, in bounds: ClosedRange<Int>) -> Int {
    required(key, .int(in: bounds), standIn: bounds.lowerBound)
  }

  /// A whole number within bounds, if there is one.
  public func optionalInt(_ key: String, in bounds: ClosedRange<Int>) -> Int? {
    optional(key, .int(in: bounds))
  }

  /// A number that need not be exact, such as a share, within bounds, if there is one.
  public func optionalNumber(_ key: String, in bounds: ClosedRange<Double>) -> Double? {
    optional(key, .number(in: bounds))
  }

  /// True or false; the stand-in is false.
  public func bool(_ key: String) -> Bool {
    required(key, .bool, standIn: false)
  }

  /// True or false, if given.
  public func optionalBool(_ key: String) -> Bool? {
    optional(key, .bool)
  }

  /// One of the values of an enum, by its raw value; the stand-in is the first.
  public func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Choice.Type = Choice.self
  ) -> Choice {
    required(key, .choice, standIn: Choice.allCases[Choice.allCases.startIndex])
  }

  /// One of the values of an enum, by its raw value, if given.
  public func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Choice.Type = Choice.self
  ) -> Choice? {
    optional(key, .choice)
  }
}
