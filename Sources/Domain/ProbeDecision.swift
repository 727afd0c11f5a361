/// Whether the next batch is sent without payloads, because its records are probably known.
///
/// A probe that fails costs a round trip and the copy of the keys; one that succeeds saves the
/// payloads. After a batch in which nearly everything was unchanged the next probably is alike; a
/// batch with anything new or changed takes the payloads, so a probe for it would be wasted.
public struct ProbeDecision: Hashable, Sendable {
  /// Whether to probe.
  public private(set) var shouldProbe = false

  /// Starts without a probe.
  public init() {}

  /// Learns from a batch that was committed.
  public mutating func learn(from counts: OutcomeCounts) {
    let stored = counts.read - counts[.outside] - counts[.rejected] - counts[.duplicate]
    shouldProbe = stored > 0 && counts[.unchanged] == stored
  }

  /// Learns that a probe met something new or changed.
  public mutating func probeFailed() {
    shouldProbe = false
  }
}
