public import Domain
public import Stores

/// Judges how backfills that have not ended get on.
///
/// Pure.
public enum FleetDiagnosis {
  /// What is to be said of the workers and of what they have to do.
  public static func findings(
    workersAlive: Int, unfinished: [(row: BackfillRow, facts: ProgressFacts)], at now: Instant
  ) -> [Finding] {
    [workers(workersAlive, hasWork: !unfinished.isEmpty)]
      + unfinished.compactMap { row, facts in
        Waiting(facts, at: now).map { finding(row.id, row.stream, $0, at: now) }
      }
  }

  private static func workers(_ alive: Int, hasWork: Bool) -> Finding {
    if alive > 0 {
      let verb = alive == 1 ? "is" : "are"
      return Finding("workers", .ok, "\(Wording.count(alive, "worker")) \(verb) alive.")
    }
    return hasWork
      ? Finding(
        "workers", .problem,
        "No worker is alive, and there is work to do; start one with: backfill worker")
      : Finding("workers", .ok, "No worker is alive, and nothing waits for one.")
  }

  private static func finding(
    _ id: BackfillID, _ stream: String, _ waiting: Waiting, at now: Instant
  ) -> Finding {
    let what = Wording.waiting(waiting, at: now, in: .utc)
    let sentence = "Backfill \(id) of \(stream) waits for \(what)"
    switch waiting {
    case .worker, .count: return Finding("backfill", .problem, sentence + ".")
    case .partition(let number):
      return Finding(
        "backfill", .problem, "\(sentence); run: backfill retry \(id) --partition \(number)")
    case .resume: return Finding("backfill", .warning, "\(sentence); run: backfill resume \(id)")
    case .approval: return Finding("backfill", .warning, sentence + ".")
    case .turn, .source, .retry: return Finding("backfill", .ok, sentence + ".")
    }
  }
}
