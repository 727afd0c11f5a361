import Domain

/// How a source wants a time written where none of the usual formats will do: `%Y%m%dT%H`.
struct TimePattern: Hashable, Sendable {
  /// Why a text is no pattern.
  struct Fault: Error, Hashable {
    /// What stands behind the `%`.
    var letter: String
  }

  /// A part of a time, by the letter behind the `%`.
  enum Field: String, CaseIterable, Sendable {
    case year = "Y"
    case month = "m"
    case day = "d"
    case hour = "H"
    case minute = "M"
    case second = "S"
    case milliseconds = "L"
    case microseconds = "f"
    /// `+0200`.
    case offset = "z"

    /// The finest grain that it can express; nil for what is no part of a time.
    var grain: WireBounds.Grain? {
      switch self {
      case .year, .month, .offset: nil
      case .day: .day
      case .hour: .hour
      case .minute: .minute
      case .second: .second
      case .milliseconds: .millisecond
      case .microseconds: .microsecond
      }
    }
  }

  private enum Part: Hashable {
    case text(String)
    case field(Field)
  }

  private var parts: [Part] = []

  /// Reads a pattern; `%%` is a percent sign.
  init(_ text: String) throws(Fault) {
    var literal = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      guard character == "%" else {
        literal.append(character)
        continue
      }
      let letter = rest.popFirst().map(String.init) ?? ""
      if letter == "%" {
        literal.append("%")
      } else {
        guard let field = Field(rawValue: letter) else { throw Fault(letter: letter) }
        if !literal.isEmpty { parts.append(.text(literal)) }
        literal = ""
        parts.append(.field(field))
      }
    }
    if !literal.isEmpty { parts.append(.text(literal)) }
  }

  private var fields: [Field] {
    parts.compactMap { if case .field(let field) = $0 { field } else { nil } }
  }

  /// The finest grain that can be written so.
  var finestGrain: WireBounds.Grain {
    fields.compactMap(\.grain).min { $0.microseconds < $1.microseconds } ?? .day
  }

  /// Whether the offset of the zone is written, so that every text stands for one instant.
  var hasOffset: Bool { fields.contains(.offset) }

  /// The text of a reading of the zone's clocks, which are so many seconds ahead of UTC.
  func text(of wall: WallTime, offset: Int) -> String {
    let (year, month, day) = wall.date.components
    let microsecond = wall.microsecondOfDay
    let second = microsecond / 1_000_000
    return parts.reduce(into: "") { text, part in
      switch part {
      case .text(let literal): text += literal
      case .field(.year): text += padded(Int64(year), 4)
      case .field(.month): text += padded(Int64(month), 2)
      case .field(.day): text += padded(Int64(day), 2)
      case .field(.hour): text += padded(second / 3_600, 2)
      case .field(.minute): text += padded(second / 60 % 60, 2)
      case .field(.second): text += padded(second % 60, 2)
      case .field(.milliseconds): text += padded(microsecond / 1_000 % 1_000, 3)
      case .field(.microseconds): text += padded(microsecond % 1_000_000, 6)
      case .field(.offset):
        let minutes = Int64(abs(offset) / 60)
        text += (offset < 0 ? "-" : "+") + padded(minutes / 60, 2) + padded(minutes % 60, 2)
      }
    }
  }

  private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
