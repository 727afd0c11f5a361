extension Wording {
  /// Progress in one line: `34 of 90 partitions (37%), 70,400 records/s, about 2 min left`.
  public static func progress(_ progress: Progress, at now: Instant, in zone: Zone) -> String {
    let share = percent(progress.done, of: progress.needed)
    var parts = [
      "\(number(progress.done)) of \(count(progress.needed, "partition")) (\(share))"
    ]
    if let waiting = progress.waiting {
      parts.append("waits for \(Self.waiting(waiting, at: now, in: zone))")
    } else if let rate = progress.recordsPerSecond {
      parts.append("\(Wording.rate(perSecond: rate).replacing("/", with: " records/"))")
    }
    if let remaining = progress.remaining, remaining > 0 {
      parts.append("\(about(microseconds: remaining)) left")
    }
    return parts.joined(separator: ", ")
  }

  /// What is waited for, to follow `waits for`.
  public static func waiting(_ waiting: Waiting, at now: Instant, in zone: Zone) -> String {
    switch waiting {
    case .approval: "a second person to approve it"
    case .resume: "an operator to resume it"
    case .worker: "a worker: none is alive, start one with backfill worker"
    case .turn: "a worker that is free"
    case .source(let held):
      "\(held.source) until \(clock(held.until, at: now, in: zone))"
        + (held.reason.map { " (\(shortened($0, to: 80)))" } ?? "")
    case .retry(let at): "the next try at \(clock(at, at: now, in: zone))"
    case .partition(let number): "partition \(Wording.number(number)) to be retried or skipped"
    case .count(let failure):
      "the counters, which cannot be written: \(shortened(failure, to: 200))"
    }
  }

  /// A length of time that is only estimated, in one unit or two: `about 40 s`, `about 2 h 10 min`.
  public static func about(microseconds: Int64) -> String {
    let seconds = max(0, microseconds) / 1_000_000
    let grain: Int64 =
      switch seconds {
      case ..<10: 1
      case ..<60: 5
      case ..<600: 15
      case ..<3_600: 60
      case ..<86_400: 600
      default: 3_600
      }
    let rounded = max(1, (seconds + grain / 2) / grain * grain)
    return "about \(duration(microseconds: rounded * 1_000_000))"
  }

  /// A near moment by the clock, with the day where it is another one: `14:05:30`, `2 March 14:05:30`.
  public static func clock(_ instant: Instant, at now: Instant, in zone: Zone) -> String {
    let wall = zone.wallTime(at: instant)
    let today = zone.wallTime(at: now).date
    let time = WallTime(
      wall.date, microsecondOfDay: wall.microsecondOfDay / 1_000_000 * 1_000_000
    ).timeOfDay
    return wall.date == today ? time : "\(day(wall.date, in: today.year)) \(time)"
  }
}
