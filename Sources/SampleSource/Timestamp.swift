/// An instant as the shop writes and reads it: RFC 3339, in microseconds since 1970.
struct Timestamp: Hashable, Comparable {
  let microseconds: Int64

  init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// An instant with its offset (`2026-03-31T12:00:00.5Z`, `…+02:00`), or a day, which begins in
  /// UTC.
  init?(_ text: String) {
    guard let day = SampleDay(String(text.prefix(10))) else { return nil }
    guard text.utf8.count > 10 else {
      self.init(microseconds: day.start)
      return
    }
    let rest = text.dropFirst(10)
    guard let split = rest.lastIndex(where: { "Zz+-".contains($0) }),
      let time = microsecondsOfDay(rest[..<split]), let offset = offsetSeconds(rest[split...])
    else { return nil }
    self.init(microseconds: day.start + time - Int64(offset) * 1_000_000)
  }

  static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The day in UTC.
  var day: SampleDay {
    let number = microseconds / microsecondsPerDay
    return SampleDay(number: Int(microseconds % microsecondsPerDay < 0 ? number - 1 : number))
  }

  /// The instant in UTC, such as `2026-03-31T12:00:00.500Z`, with more decimals where they matter.
  var text: String {
    let time = microseconds - day.start
    let second = time / 1_000_000
    let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
    let fraction = time % 1_000_000
    let decimals = fraction % 1000 == 0 ? padded(fraction / 1000, 3) : padded(fraction, 6)
    return "\(day)T\(clock.joined(separator: ":")).\(decimals)Z"
  }
}

/// `T12:00:00` with up to six decimals.
private func microsecondsOfDay(_ text: Substring) -> Int64? {
  let halves = text.dropFirst().split(
    separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard let first = text.first, "Tt ".contains(first), let clock = halves.first,
    clock.utf8.count == 8
  else { return nil }
  let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map(digits)
  guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
    hour < 24, minute < 60, second < 60
  else { return nil }
  let decimals = halves.count > 1 ? halves[1] : "0"
  guard (1...6).contains(decimals.utf8.count), let fraction = digits(decimals) else { return nil }
  let scale = (decimals.utf8.count..<6).reduce(Int64(1)) { power, _ in power * 10 }
  return Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(fraction) * scale
}

/// `Z`, or hours and minutes with their sign.
private func offsetSeconds(_ text: Substring) -> Int? {
  if text == "Z" || text == "z" { return 0 }
  let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map(digits)
  guard text.utf8.count == 6, parts.count == 2, let hours = parts[0], let minutes = parts[1],
    hours < 24, minutes < 60
  else { return nil }
  return (text.first == "-" ? -1 : 1) * (hours * 60 + minutes) * 60
}
