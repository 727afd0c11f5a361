extension Wording {
  /// A set of days, neighbours drawn together: `14 March`, `3–5 and 9 March`, `30 March–2 April`.
  ///
  /// The year is left out where it is the one that is spoken of. Beyond `limit` stretches the rest
  /// is only counted: `… and 210 more days`.
  public static func days(
    _ days: some Sequence<CivilDate>, in year: Int? = nil, limit: Int = 12
  ) -> String {
    let runs = runs(days)
    let shown = runs.prefix(limit)
    let hidden = runs.dropFirst(limit).reduce(0) { $0 + $1.count }
    let more = hidden == 0 ? [] : [count(hidden, "more day")]
    let groups = byMonth(shown)
    if let only = groups.first, groups.count == 1, more.isEmpty {
      return text(only, in: year, joined: { list($0) })
    }
    let years = Set(shown.map(\.last.year))
    let spoken = years.count == 1 ? years.first : year
    var texts = groups.map { text($0, in: spoken) { $0.joined(separator: ", ") } }
    if let all = spoken, all != year, !texts.isEmpty { texts[texts.count - 1] += " \(all)" }
    return list(texts + more)
  }

  /// The days of a window, drawn together: `1–31 March`.
  public static func days(of window: Window, in zone: Zone, year: Int? = nil) -> String {
    let first = zone.civilDate(of: window.from)
    let last = max(first, zone.civilDate(of: window.to.adding(microseconds: -1)))
    return text([Run(first: first, last: last)], in: year, joined: { list($0) })
  }

  /// Days that follow each other.
  private struct Run {
    var first: CivilDate
    var last: CivilDate

    var count: Int { last.dayNumber - first.dayNumber + 1 }
    var isInOneMonth: Bool { first.startOfMonth == last.startOfMonth }
  }

  private static func runs(_ days: some Sequence<CivilDate>) -> [Run] {
    var runs: [Run] = []
    for day in Set(days).sorted() {
      if let last = runs.last, last.last.adding(days: 1) == day {
        runs[runs.count - 1].last = day
      } else {
        runs.append(Run(first: day, last: day))
      }
    }
    return runs
  }

  /// Neighbouring runs of one month together; a run over several months alone.
  private static func byMonth(_ runs: some Sequence<Run>) -> [[Run]] {
    var groups: [[Run]] = []
    for run in runs {
      if let before = groups.last?.last, before.isInOneMonth, run.isInOneMonth,
        before.first.startOfMonth == run.first.startOfMonth
      {
        groups[groups.count - 1].append(run)
      } else {
        groups.append([run])
      }
    }
    return groups
  }

  private static func text(
    _ group: [Run], in year: Int?, joined: ([String]) -> String
  ) -> String {
    guard let end = group.last?.last, let start = group.first?.first else { return "" }
    let month = day(end, in: year).drop { $0 != " " }
    if start.startOfMonth != end.startOfMonth {
      return "\(day(start, in: start.year == end.year ? end.year : year))–\(day(end, in: year))"
    }
    let days = group.map { run in
      run.first == run.last ? "\(run.first.day)" : "\(run.first.day)–\(run.last.day)"
    }
    return joined(days) + month
  }
}
