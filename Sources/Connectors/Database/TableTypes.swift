import Domain
import Postgres

/// The types of the columns that a reading is ordered by, as the database names them.
struct TableTypes: Hashable, Sendable {
  /// How the time column holds times.
  enum Clock: Hashable, Sendable {
    /// Instants: `timestamp with time zone`.
    case instants
    /// The wall clock of the stream's zone: `timestamp without time zone`, `date`.
    case wallClock
    /// A count of seconds or milliseconds since 1970.
    case count(microseconds: Int64)
  }

  /// How the time column holds times.
  var clock: Clock
  /// The name of the time column's type.
  var time: String
  /// The names of the key columns' types, in order.
  var keys: [String]

  /// The types as the database names them; throws `misconfigured` where the time column does not
  /// hold what the definition says.
  init(time: String, keys: [String], format: TimeField.Format) throws(SourceFailure) {
    self.time = time
    self.keys = keys
    switch (time, format) {
    case ("timestamp with time zone", .rfc3339): clock = .instants
    case ("timestamp without time zone", .local), ("date", .local): clock = .wallClock
    case ("bigint", .epochSeconds), ("integer", .epochSeconds), ("numeric", .epochSeconds):
      clock = .count(microseconds: 1_000_000)
    case ("bigint", .epochMilliseconds), ("numeric", .epochMilliseconds):
      clock = .count(microseconds: 1_000)
    default:
      throw SourceFailure(
        .misconfigured,
        "The event time's column is of type \(time), which holds no time of format "
          + "\(format.rawValue); \(Self.advice(for: time)).")
    }
  }

  private static func advice(for type: String) -> String {
    switch type {
    case "timestamp with time zone": "write format: \"rfc3339\""
    case "timestamp without time zone", "date": "write format: \"local\" and its zone"
    case "bigint", "numeric": "write format: \"epoch_seconds\" or \"epoch_milliseconds\""
    case "integer": "write format: \"epoch_seconds\""
    default: "cast it in a query to timestamptz"
    }
  }
}
