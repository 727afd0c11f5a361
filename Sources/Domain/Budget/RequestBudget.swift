/// How often a source may be asked: all of its limits.
public enum RequestBudget {
  /// How long a request waits in its worker's place, in microseconds.
  ///
  /// What has to wait longer gives the place up: its partition waits, and spends no attempt.
  public static let patience: Int64 = 5_000_000

  /// How many partitions may be read at once such that each gets its turn while it keeps its place;
  /// nil where no limit counts all requests.
  public static func concurrency(within limits: [RequestLimit]) -> Int? {
    limits.filter { $0.scope == .source }.compactMap { limit in
      if case .concurrency(let count) = limit.rule { return limit.withoutReserve(count) }
      guard let pace = limit.pace else { return nil }
      let (spacing, overflow) = pace.spacing.multipliedReportingOverflow(
        by: Int64(limit.costOfRequest))
      return overflow ? 1 : max(1, Int(clamping: patience / spacing))
    }.min()
  }
}
