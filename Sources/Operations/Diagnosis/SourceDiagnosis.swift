public import Domain
public import Stores

/// Judges whether sources let themselves be read now.
///
/// Pure.
public enum SourceDiagnosis {
  /// What is to be said of sources.
  public static func findings(_ sources: [SourceRow], at now: Instant) -> [Finding] {
    let held = sources.compactMap { source in source.heldUntil.map { finding(source, $0, at: now) }
    }
    guard held.isEmpty, !sources.isEmpty else { return held }
    return [Finding("source", .ok, "No source asks for patience.")]
  }

  /// A short wait is how a source usually asks for fewer requests.
  private static func finding(_ source: SourceRow, _ until: Instant, at now: Instant) -> Finding {
    let isLong = until.microseconds(since: now) > SourceFailure.quietPatience
    let second = Instant(microseconds: until.microseconds / 1_000_000 * 1_000_000)
    let said = source.heldReason.map { " (\(Wording.shortened($0, to: 200)))" } ?? ""
    return Finding(
      "source", isLong ? .warning : .ok,
      "\(source.name) asks for patience until \(Wording.time(second, in: .utc)) UTC\(said), and "
        + "nothing more is read of it before"
        + (isLong ? "; ask its provider for a larger quota, or wait." : "."))
  }
}
