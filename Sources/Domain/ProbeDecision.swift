/// Whether the next batch is sent without payloads, because its records are probably known.
///
/// A probe that fails costs a round trip and the copy of the keys; one that succeeds saves the
/// payloads. After a batch in which nearly everything was unchanged the next probably is alike; a
/// batch with anything new or changed takes the payloads, so a probe for it would be wasted.
public struct ProbeDecision: Hashable, Sendable {
  /// For so many batches after a failed probe there is no other: payloads that differ in bytes but
  /// not in meaning would make every probe fail.
  private static let pause = 16

  private var isKnown = false
  private var pausing = 0

  /// Whether to probe.
  public var shouldProbe: Bool { isKnown && pausing == 0 }

  /// Starts without a probe.
  public init() {}

  /// Learns from a batch that was committed.
  public mutating func learn(from counts: OutcomeCounts) {
    let stored = counts.read - counts[.outside] - counts[.rejected] - counts[.duplicate]
    isKnown = stored > 0 && counts[.unchanged] == stored
    pausing = max(0, pausing - 1)
  }

  /// Learns that a probe met something new or changed.
  public mutating func probeFailed() {
    pausing = Self.pause
  }
}
