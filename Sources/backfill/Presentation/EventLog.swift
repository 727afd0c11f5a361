import Domain
import JSON

/// Writes events as log lines: JSON for machines, sentences for people.
struct EventLog: Sendable {
  /// How a line is written.
  enum Format: String, CaseIterable, Sendable {
    case json, text
  }

  let channel: Channel
  let format: Format
  let least: EventLevel
  let now: @Sendable () -> Instant

  /// Writes the event, if it matters enough.
  func write(_ event: Event) {
    guard event.level >= least else { return }
    switch format {
    case .json: channel.remark(json(event))
    case .text: channel.remark(text(event))
    }
  }

  private func json(_ event: Event) -> String {
    var line: JSONObject = [
      "time": .instant(now()), "level": .string(event.level.rawValue),
      "event": .string(event.name), "message": .string(event.sentence(in: .utc)),
    ]
    for (key, value) in event.fields.members { line[key] = value }
    return JSONValue.object(line).encoded()
  }

  private func text(_ event: Event) -> String {
    let time = Zone.utc.wallTime(at: now()).timeOfDay.prefix(8)
    let sentence = Wording.shortened(event.sentence(in: .utc), to: 500)
    guard channel.hasColours, let colour = colour(event.level) else {
      return "\(time) \(event.level.mark)\(sentence)"
    }
    return "\u{1B}[2m\(time)\u{1B}[0m \(colour)\(event.level.mark)\(sentence)\u{1B}[0m"
  }

  private func colour(_ level: EventLevel) -> String? {
    switch level {
    case .debug: "\u{1B}[2m"
    case .info: nil
    case .warning: "\u{1B}[33m"
    case .error: "\u{1B}[31m"
    }
  }
}

extension EventLevel {
  /// What sets a line apart from those that are as they should be.
  fileprivate var mark: String {
    switch self {
    case .debug, .info: ""
    case .warning: "warning: "
    case .error: "error: "
    }
  }
}
