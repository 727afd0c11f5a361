import Domain
import Foundation
import JSON

/// Writes events as log lines: JSON for machines, sentences for people.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class EventLog: @unchecked Sendable {
  /// How a line is written.
  enum Format: String, CaseIterable, Sendable {
    case json, text
  }

  /// The same trouble is told again only after so many microseconds.
  private static let patience: Int64 = 60_000_000

  private let channel: Channel
  private let format: Format
  private let least: EventLevel
  private let now: @Sendable () -> Instant
  private let lock = NSLock()
  private var toldAt: [Event: Instant] = [:]

  init(
    _ channel: Channel, format: Format, least: EventLevel, now: @escaping @Sendable () -> Instant
  ) {
    self.channel = channel
    self.format = format
    self.least = least
    self.now = now
  }

  /// Writes the event, if it matters enough and is not the same trouble once more.
  func write(_ event: Event) {
    guard event.level >= least, isNews(event) else { return }
    switch format {
    case .json: channel.remark(json(event))
    case .text: channel.remark(text(event))
    }
  }

  private func isNews(_ event: Event) -> Bool {
    guard case .troubled = event else { return true }
    let now = now()
    return lock.withLock {
      if let told = toldAt[event], now.microseconds(since: told) < Self.patience { return false }
      if toldAt.count > 100 { toldAt = [:] }
      toldAt[event] = now
      return true
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
    let time = Wording.second(now()).suffix(8)
    let sentence = Wording.shortened(event.sentence(in: .utc), to: 500)
    guard channel.hasColours, let colour = event.level.colour else {
      return "\(time) \(event.level.mark)\(sentence)"
    }
    return "\u{1B}[2m\(time)\u{1B}[0m \(colour)\(event.level.mark)\(sentence)\u{1B}[0m"
  }
}

extension EventLevel {
  fileprivate var colour: String? {
    switch self {
    case .debug: "\u{1B}[2m"
    case .info: nil
    case .warning: "\u{1B}[33m"
    case .error: "\u{1B}[31m"
    }
  }

  /// What sets a line apart from those that are as they should be.
  fileprivate var mark: String {
    switch self {
    case .debug, .info: ""
    case .warning: "warning: "
    case .error: "error: "
    }
  }
}
