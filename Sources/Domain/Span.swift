/// A number and a unit of time, as people write it: `30min`, `12h`, `30d`, `4w`, `3mo`.
public struct Span: Hashable, Sendable {
  /// A unit of time, by the letters that stand for it.
  public enum Unit: String, CaseIterable, Sendable {
    case minutes = "min"
    case hours = "h"
    case days = "d"
    case weeks = "w"
    case months = "mo"
  }

  /// How many units.
  public var count: Int
  /// The unit.
  public var unit: Unit

  /// So many units.
  public init(_ count: Int, _ unit: Unit) {
    self.count = count
    self.unit = unit
  }

  /// The span that a text names; `use` says in the refusal what it was wanted for.
  public init(_ text: String, as use: InputFault.SpanUse) throws(InputFault) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let letters = text.dropFirst(digits.count)
    if text.hasPrefix("-") { throw .badSpan(text, use, .negative) }
    if letters == "m" { throw .badSpan(text, use, .minutesOrMonths) }
    guard let unit = Unit(rawValue: String(letters)), let count = Int(digits: digits.utf8) else {
      throw .badSpan(text, use, .form)
    }
    // Keeps every product of a count with a unit far from overflow.
    guard count <= 1_000_000_000 else { throw .badSpan(text, use, .tooLarge) }
    self.init(count, unit)
  }
}

extension Span: CustomStringConvertible {
  /// The span as it is written.
  public var description: String { "\(count)\(unit.rawValue)" }
}
