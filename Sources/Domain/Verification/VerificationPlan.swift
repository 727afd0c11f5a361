import JSON

/// How a stream is verified, as far as that can be told from its definition alone.
public struct VerificationPlan: Hashable, Sendable {
  /// How many partitions are verified together; 0 is all in one pass.
  public var partitionsTogether: Int

  /// So many partitions are listed together where nothing else is said: other bounds than those that
  /// were read by, and a list that is not much longer.
  static let usual = 8

  /// The plan of a stream.
  ///
  /// - Files are scanned once, from end to end.
  /// - Where the source gives totals, each partition is asked for by itself.
  /// - A list that no window bounds is read once for all.
  /// - Else partitions are listed in bunches, so that none of the bounds within is one that the
  ///   reader used.
  public init(_ stream: StreamDefinition, connector: String) {
    let verify = stream.verify
    if let given = verify["partitions_together"]?.int {
      partitionsTogether = max(0, given)
    } else if verify["count"] != nil || verify["sum"] != nil || connector == "postgres" {
      partitionsTogether = 1
    } else if ["files", "singer", "airbyte"].contains(connector)
      || Self.isUnbounded(verify["list"])
    {
      partitionsTogether = 0
    } else {
      partitionsTogether = Self.usual
    }
  }

  /// Whether a list is described that names no bound anywhere.
  private static func isUnbounded(_ list: JSONValue?) -> Bool {
    guard let list, list["path"] != nil || list["query"] != nil else { return false }
    return !list.encoded().contains("{window.")
  }
}
