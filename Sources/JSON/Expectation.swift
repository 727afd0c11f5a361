import Spelling

/// What a definition's value should be: in words, and how it is read.
struct Expectation<Value> {
  /// What follows "expected … to be".
  let words: String
  /// The value read; nil where it is not as expected.
  let read: (JSONValue) -> Value?
  /// A suggestion for a value that is not as expected.
  var hint: (JSONValue) -> String? = { _ in nil }
}

extension Expectation<JSONValue> {
  static var anything: Expectation { Expectation(words: "given") { $0 } }
}

extension Expectation<String> {
  static var filledString: Expectation {
    Expectation(words: "a string that is not empty") { value in
      value.string.flatMap { $0.isEmpty ? nil : $0 }
    }
  }
}

extension Expectation<Bool> {
  static var bool: Expectation { Expectation(words: "true or false") { $0.bool } }
}

extension Expectation<Int> {
  static func int(in bounds: ClosedRange<Int>) -> Expectation {
    let words =
      switch (bounds.lowerBound, bounds.upperBound) {
      case (.min, .max): "a whole number"
      case (let least, .max): "a whole number of at least \(least)"
      case (.min, let most): "a whole number of at most \(most)"
      case (let least, let most): "a whole number from \(least) to \(most)"
      }
    return Expectation(words: words) { value in
      value.int.flatMap { bounds.contains($0) ? $0 : nil }
    }
  }
}

extension Expectation<Double> {
  static func number(in bounds: ClosedRange<Double>) -> Expectation {
    let words = "a number from \(plain(bounds.lowerBound)) to \(plain(bounds.upperBound))"
    return Expectation(words: words) { value in
      value.numberText.flatMap { Double($0) }.flatMap { bounds.contains($0) ? $0 : nil }
    }
  }

  /// A bound as a person writes it: 1, not 1.0.
  private static func plain(_ bound: Double) -> String {
    Int(exactly: bound).map(String.init) ?? String(bound)
  }
}

extension Expectation where Value: RawRepresentable<String> & CaseIterable {
  static var choice: Expectation {
    let names = Value.allCases.map(\.rawValue)
    let words = "one of \(names.map { "\"\($0)\"" }.joined(separator: ", "))"
    return Expectation(words: words) { value in
      value.string.flatMap { Value(rawValue: $0) }
    } hint: { value in
      value.string.flatMap { nearestName(to: $0, among: names) }
    }
  }
}

extension Expectation<[JSONValue]> {
  static var list: Expectation { Expectation(words: "a list") { $0.array } }
}

extension Expectation<JSONObject> {
  static var object: Expectation { Expectation(words: "an object") { $0.object } }
}

extension Expectation<JSONObject?> {
  /// An object, or, as the stand-in only, none.
  static var optionalObject: Expectation {
    Expectation(words: "an object") { value in value.object.map(Optional.some) }
  }
}
