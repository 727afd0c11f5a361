public import Domain

/// What a `Retry-After` header asks for: seconds, or a date of HTTP (RFC 9110, 10.2.3).
public enum RetryAfter {
  /// Nobody is taken at its word for longer than this: a day, in microseconds.
  public static let longest: Int64 = 86_400_000_000

  /// Microseconds to wait from `now` on, 0 to a day; nil where the value cannot be read.
  public static func wait(_ value: String, now: Instant) -> Int64? {
    if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      guard let seconds = Int64(value), seconds < longest / 1_000_000 else { return longest }
      return seconds * 1_000_000
    }
    guard let date = date(value) else { return nil }
    let (wait, overflow) = date.microseconds.subtractingReportingOverflow(now.microseconds)
    return overflow ? nil : min(max(wait, 0), longest)
  }

  /// The instant of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the one form still sent.
  static func date(_ value: String) -> Instant? {
    let words = value.split(separator: " ")
    guard words.count == 6, words[5] == "GMT",
      let day = Int(words[1]), let month = months.firstIndex(of: words[2]),
      let year = Int(words[3]),
      let date = CivilDate(year: year, month: month + 1, day: day)
    else { return nil }
    return Instant("\(date)T\(words[4])Z")
  }

  static let months: [Substring] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
