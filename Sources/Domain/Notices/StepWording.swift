/// How the partitions of a backfill are named: by days, by months or by the clock, as its step is.
struct StepWording {
  private let unit: String
  private let isMonths: Bool
  private let zone: Zone
  /// The year that is left out.
  private let year: Int

  /// How many stretches are named before the rest is only counted.
  private static let named = 8

  /// The wording of a step as it is written; of one that cannot be read, or where partitions are of
  /// many lengths, by the clock.
  init(step: String?, zone: Zone, year: Int) {
    let known: Step?
    do throws(InputFault) { known = try Step(step ?? "") } catch { known = nil }
    switch known {
    case .hours(1): unit = "hour"
    case .days(1): unit = "day"
    case .weeks(1): unit = "week"
    case .months(1): unit = "month"
    default: unit = "part"
    }
    if case .months? = known { isMonths = true } else { isMonths = false }
    self.zone = zone
    self.year = year
  }

  /// A number of partitions: `31 days`.
  func count(_ number: Int) -> String { Wording.count(number, unit) }

  /// A whole window: `1–31 March`, or by the clock `14 March 06:00 to 12:00`.
  func window(_ window: Window) -> String {
    Wording.wholeDays(window, in: zone) == nil
      ? clock(window) : Wording.days(of: window, in: zone, year: year)
  }

  /// A moment: `14 March 06:00 (Europe/Berlin)`.
  func time(_ instant: Instant) -> String {
    let second = Instant(
      microseconds: instant.microseconds.floored(by: 1_000_000).quotient * 1_000_000)
    return "\(Wording.time(second, in: zone, year: year)) (\(zone.name))"
  }

  /// Partitions by their windows, neighbours drawn together; `more` are not among them.
  func names(_ windows: [Window], more: Int) -> String {
    let stretches = stretches(of: windows)
    let shown = stretches.prefix(Self.named)
    let hidden = stretches.dropFirst(Self.named).reduce(more) { $0 + $1.count }
    let names = names(shown.map(\.window))
    guard hidden > 0 else { return Wording.list(names) }
    return (names + ["and \(Wording.count(hidden, "more \(unit)"))"]).joined(separator: ", ")
  }

  private func names(_ windows: [Window]) -> [String] {
    if isMonths, let months = months(windows) { return months }
    let days = windows.map { Wording.wholeDays($0, in: zone) }
    guard days.allSatisfy({ $0 != nil }) else { return windows.map(clock) }
    return [Wording.days(days.compactMap(\.self).flatMap(Self.dates), in: year, limit: .max)]
  }

  /// The names of whole months: `March`, `November 2023–January`; nil where a window is none.
  private func months(_ windows: [Window]) -> [String]? {
    var names: [String] = []
    for window in windows {
      guard let days = Wording.wholeDays(window, in: zone), days.lowerBound.day == 1,
        days.upperBound.day == 1
      else { return nil }
      let (first, last) = (days.lowerBound, days.upperBound.adding(days: -1))
      let isOne = first.startOfMonth == last.startOfMonth
      let start = month(first, in: first.year == last.year ? last.year : year)
      names.append(isOne ? month(last, in: year) : "\(start)–\(month(last, in: year))")
    }
    return names
  }

  private func month(_ date: CivilDate, in year: Int) -> String {
    let name = Wording.months[date.month - 1]
    return date.year == year ? name : "\(name) \(date.year)"
  }

  private func clock(_ window: Window) -> String {
    let (from, to) = (zone.wallTime(at: window.from), zone.wallTime(at: window.to))
    let start = Wording.time(window.from, in: zone, year: year)
    return from.date == to.date
      ? "\(start) to \(to.timeOfDay)"
      : "\(start) to \(Wording.time(window.to, in: zone, year: year))"
  }

  private func stretches(of windows: [Window]) -> [(window: Window, count: Int)] {
    var stretches: [(window: Window, count: Int)] = []
    for window in windows.sorted(by: { $0.from < $1.from }) {
      if let last = stretches.last, last.window.to == window.from {
        stretches[stretches.count - 1] = (
          Window(from: last.window.from, to: window.to), last.count + 1
        )
      } else {
        stretches.append((window, 1))
      }
    }
    return stretches
  }

  private static func dates(_ days: Range<CivilDate>) -> [CivilDate] {
    (days.lowerBound.dayNumber..<days.upperBound.dayNumber).map { CivilDate(dayNumber: $0) }
  }
}
