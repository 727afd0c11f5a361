extension Plan.SkipReason: CustomStringConvertible {
  /// Why a partition is not needed, for people.
  public var description: String {
    switch self {
    case .covered(let backfills):
      "Already succeeded in backfill \(backfills.map(\.description).joined(separator: ", "))."
    case .didNotFail: "No earlier backfill failed here."
    case .notSettled(let lag):
      "The source settles within \(SourceHorizon.words(lag)), so that records may still be missing; "
        + "submit it again later, with --only missing."
    }
  }
}
