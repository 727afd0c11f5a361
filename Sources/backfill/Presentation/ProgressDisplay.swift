import Domain

/// Shows how far a backfill is: a bar on a terminal, else a line now and then.
struct ProgressDisplay {
  /// Without a terminal a line is due after so many microseconds, or with every tenth.
  private static let pause: Int64 = 10_000_000
  private static let longestBar = 30

  private let channel: Channel
  private var hasBar = false
  private var last: (at: Instant, tenth: Int)?

  init(_ channel: Channel) {
    self.channel = channel
  }

  /// How often it is worth looking, in milliseconds.
  var interval: Int { channel.isTerminal ? 125 : 250 }

  mutating func show(_ progress: Progress, at now: Instant, in zone: Zone) throws(Channel.Closed) {
    let text = Wording.progress(progress, at: now, in: zone)
    if let width = channel.width {
      let line = Self.line(text, done: progress.done, needed: progress.needed, width: width)
      try channel.write("\r\(line)\u{1B}[K")
      hasBar = true
    } else if isDue(progress, now) {
      try channel.line(text)
    }
  }

  /// Takes the bar away, so that other lines can follow.
  mutating func clear() throws(Channel.Closed) {
    guard hasBar else { return }
    hasBar = false
    try channel.write("\r\u{1B}[K")
  }

  private mutating func isDue(_ progress: Progress, _ now: Instant) -> Bool {
    let tenth = progress.needed > 0 ? progress.done * 10 / progress.needed : 0
    guard let last else {
      self.last = (now, tenth)
      // Whoever has to act learns it at once; the first moments of work tell nothing.
      switch progress.waiting {
      case .approval, .resume, .worker, .partition, .count: return true
      case .turn, .source, .retry, nil: return false
      }
    }
    guard tenth > last.tenth || now.microseconds(since: last.at) >= Self.pause else { return false }
    self.last = (now, tenth)
    return true
  }

  /// A bar before the text where both fit; never longer than the terminal is wide.
  static func line(_ text: String, done: Int, needed: Int, width: Int) -> String {
    let room = min(longestBar, width - text.count - 4)
    guard room >= 8 else {
      return text.count < width ? text : text.prefix(max(0, width - 2)) + "…"
    }
    let eighths = needed > 0 ? room * 8 * min(done, needed) / needed : room * 8
    let full = String(repeating: "█", count: eighths / 8)
    let part = eighths % 8 > 0 ? String(parts[eighths % 8]) : ""
    let rest = String(repeating: "░", count: room - full.count - part.count)
    return "\(full)\(part)\(rest)  \(text)"
  }

  private static let parts = Array(" ▏▎▍▌▋▊▉")
}
