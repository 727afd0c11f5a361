import Domain
import Foundation

/// Tells somebody who watches a bar of what is wrong with the program itself; what is wrong with
/// sources and records stands in the summary.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class TroubleDisplay: @unchecked Sendable {
  private let channel: Channel
  private let lock = NSLock()
  private var told: Set<String> = []

  init(_ channel: Channel) {
    self.channel = channel
  }

  /// Writes the event if it is trouble that was not told before.
  func write(_ event: Event) {
    switch event {
    case .troubled, .databaseLost, .databaseRegained, .sourceBlocked, .noticeFailed: break
    default: return
    }
    let sentence = Wording.shortened(event.sentence(in: .utc), to: 500)
    guard lock.withLock({ told.count < 20 && told.insert(sentence).inserted }) else { return }
    // Over the bar, which is drawn again below.
    channel.remark(channel.isTerminal ? "\r\(sentence)\u{1B}[K" : sentence)
  }
}
