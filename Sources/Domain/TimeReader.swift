public import JSON

/// Reads the times of a field as the stream's definition says that they are written.
///
/// Called once per record, so it works on the bytes in place and allocates nothing.
public struct TimeReader: Sendable {
  private let format: TimeField.Format
  private let zone: Zone

  /// A reader for a field; `zone` is the zone of local times.
  public init(format: TimeField.Format, zone: Zone) {
    self.format = format
    self.zone = zone
  }

  /// The time that a slice of a page holds; nil when it is not written as the format says.
  public func read(_ slice: JSONSlice, in page: UnsafeRawBufferPointer) -> Instant? {
    let text = UnsafeRawBufferPointer(rebasing: page[Int(slice.start)..<Int(slice.end)])
    switch (format, slice.kind) {
    case (.epochSeconds, .number), (.epochSeconds, .string): return epoch(text, digits: 6)
    case (.epochMilliseconds, .number), (.epochMilliseconds, .string): return epoch(text, digits: 3)
    case (.rfc3339, .string): return rfc3339(text)
    case (.local, .string): return local(text)
    default: return nil
    }
  }

  /// A number of seconds or milliseconds, with a fraction or without: `digits` lie between its
  /// unit and the microsecond.
  private func epoch(_ text: UnsafeRawBufferPointer, digits: Int) -> Instant? {
    guard let number = Amount(text) else { return nil }
    var units = number.units
    for _ in number.scale..<max(digits, number.scale) {
      let product = units.multipliedReportingOverflow(by: 10)
      if product.overflow { return nil }
      units = product.partialValue
    }
    // Finer digits than microseconds are cut towards the past.
    for _ in digits..<max(digits, number.scale) {
      units = units >= 0 ? units / 10 : (units - 9) / 10
    }
    return Self.supported(Int64(exactly: units))
  }

  private func rfc3339(_ text: UnsafeRawBufferPointer) -> Instant? {
    guard let clock = ClockText(text), clock.hasTime else { return nil }
    var rest = clock.end
    guard rest < text.count else { return nil }
    if text[rest] == UInt8(ascii: "Z") || text[rest] == UInt8(ascii: "z") {
      return rest + 1 == text.count ? Self.supported(clock.reading) : nil
    }
    let sign: Int64
    switch text[rest] {
    case UInt8(ascii: "+"): sign = 1
    case UInt8(ascii: "-"): sign = -1
    default: return nil
    }
    rest += 1
    // `+02:00`, and `+0200` as several sources write it.
    let hasColon = text.count == rest + 5 && text[rest + 2] == UInt8(ascii: ":")
    guard hasColon || text.count == rest + 4,
      let hours = twoDigits(text, at: rest),
      let minutes = twoDigits(text, at: rest + (hasColon ? 3 : 2)), hours < 24, minutes < 60
    else { return nil }
    return Self.supported(clock.reading - sign * (hours * 3_600 + minutes * 60) * 1_000_000)
  }

  private func local(_ text: UnsafeRawBufferPointer) -> Instant? {
    guard let clock = ClockText(text), clock.end == text.count else { return nil }
    return zone == .utc
      ? Self.supported(clock.reading) : zone.instant(at: WallTime(reading: clock.reading))
  }

  /// Years 1 to 9999, what a date can be written for.
  private static func supported(_ microseconds: Int64?) -> Instant? {
    guard let microseconds, -62_135_596_800_000_000..<253_402_300_800_000_000 ~= microseconds
    else { return nil }
    return Instant(microseconds: microseconds)
  }
}

/// `2024-03-01`, or `2024-03-01T10:20:30.25` with `T` or a blank, at the start of a text.
private struct ClockText {
  /// Microseconds since the reading 1970-01-01 00:00.
  let reading: Int64
  /// Where the text goes on.
  let end: Int
  /// Whether a time of day was there.
  let hasTime: Bool

  init?(_ text: UnsafeRawBufferPointer) {
    guard text.count >= 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      let century = twoDigits(text, at: 0), let year = twoDigits(text, at: 2),
      let month = twoDigits(text, at: 5), let day = twoDigits(text, at: 8),
      let date = CivilDate(year: Int(century * 100 + year), month: Int(month), day: Int(day))
    else { return nil }
    let midnight = Int64(date.dayNumber) * WallTime.microsecondsPerDay
    guard text.count > 10,
      text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " ")
        || text[10] == UInt8(ascii: "t")
    else {
      reading = midnight
      end = 10
      hasTime = false
      return
    }
    guard text.count >= 19, text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
      let hour = twoDigits(text, at: 11), let minute = twoDigits(text, at: 14),
      let second = twoDigits(text, at: 17), hour < 24, minute < 60, second <= 60
    else { return nil }
    let (fraction, end) = Self.fraction(text)
    guard let fraction else { return nil }
    // A leap second is the last microsecond of its minute: no day gains an instant of another.
    let inMinute = second == 60 ? 59_999_999 : second * 1_000_000 + fraction
    reading = midnight + (hour * 3_600 + minute * 60) * 1_000_000 + inMinute
    self.end = end
    hasTime = true
  }

  /// The microseconds after a point at 19, finer digits cut, and where the text goes on.
  private static func fraction(_ text: UnsafeRawBufferPointer) -> (Int64?, Int) {
    guard text.count > 19, text[19] == UInt8(ascii: ".") || text[19] == UInt8(ascii: ",") else {
      return (0, 19)
    }
    var microseconds: Int64 = 0
    var position = 20
    var unit: Int64 = 100_000
    while position < text.count, text[position] >= 48, text[position] <= 57 {
      microseconds += Int64(text[position] - 48) * unit
      unit /= 10
      position += 1
    }
    return (position > 20 ? microseconds : nil, position)
  }
}

private func twoDigits(_ text: UnsafeRawBufferPointer, at index: Int) -> Int64? {
  guard index + 1 < text.count else { return nil }
  let tens = text[index] &- 48
  let ones = text[index + 1] &- 48
  return tens <= 9 && ones <= 9 ? Int64(tens) * 10 + Int64(ones) : nil
}
