public import JSON

/// Where the answers of a source say how much may still be asked.
public enum QuotaFields: Hashable, Sendable {
  /// In headers: how many are left until a reset, and of how many.
  case window(remaining: String, limit: String?, reset: Reset?)
  /// In one header that says how much of a bucket is used, such as `32/40`.
  case ratio(String)
  /// In the body, as GraphQL sources say their cost.
  case body(available: JSONPath, capacity: JSONPath?, restore: JSONPath?)

  /// When the count begins anew.
  public struct Reset: Hashable, Sendable {
    /// How the header says it.
    public enum Unit: String, CaseIterable, Sendable {
      /// Seconds from the answer on.
      case seconds = "s"
      /// Milliseconds from the answer on.
      case milliseconds = "ms"
      /// Seconds since 1970; milliseconds where the number is too large for that.
      case epoch
      /// A timestamp, such as `2026-11-21T14:03:20Z`.
      case iso
    }

    /// The header.
    public var header: String
    /// How it says it.
    public var unit: Unit

    /// A header and how it says when.
    public init(_ header: String, _ unit: Unit) {
      self.header = header
      self.unit = unit
    }
  }
}
