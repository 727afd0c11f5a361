import Domain
import Spelling

extension OperationFault: CustomStringConvertible {
  /// One sentence: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownStream(let name, let known): Self.unknownStream(name, known)
    case .unknownSubscription(let name, let known): Self.unknownSubscription(name, known)
    case .unknownBackfill(let id):
      "There is no backfill \(id); see those there are with: backfill list"
    case .nothingToVerify(let id):
      "No partition of backfill \(id) has succeeded yet, so there is nothing to verify."
    case .notVerifiable(let id):
      "Backfill \(id) took rejected records again; verify the backfill that read them."
    case .unknownComparison(let id): "There is no comparison \(id)."
    case .unknownMeasure(let name, let stream, let known):
      known.isEmpty
        ? "\(stream) declares no measure to compare; see measures in its definition."
        : "\(stream) has no measure \(Wording.quoted(name ?? "amount")); name one of "
          + "\(Wording.list(known)) with --measure."
    case .notVerified(let id):
      "Backfill \(id) was never verified to its end; do that with: backfill verify \(id) --wait"
    }
  }

  private static func unknownSubscription(_ name: String, _ known: [String]) -> String {
    let what = "There is no subscription \(Wording.quoted(name))"
    if known.isEmpty { return "\(what), for none was applied yet; see: backfill apply --help" }
    return nearestName(to: name, among: known).map { "\(what); did you mean \($0)?" }
      ?? "\(what); see those there are with: backfill subscriptions"
  }

  private static func unknownStream(_ name: String, _ known: [String]) -> String {
    let what = "There is no stream \(Wording.quoted(name))"
    if known.isEmpty { return "\(what), for none was applied yet; see: backfill apply --help" }
    if let nearest = nearestName(to: name, among: known) {
      return "\(what); did you mean \(nearest)?"
    }
    return known.count <= 5
      ? "\(what); there is \(Wording.list(known))."
      : "\(what); see those there are with: backfill streams"
  }
}
