import Domain
import Postgres

// How values of the domain are read from the columns that hold them.

extension PartitionID {
  /// Reads `backfill_id, number`.
  init(_ row: inout RowReader) throws(PostgresError) {
    self.init(
      backfill: BackfillID(rawValue: try row.read()), number: try row.read())
  }
}

extension Window {
  /// Reads `from_at, to_at`.
  init(_ row: inout RowReader) throws(PostgresError) {
    self.init(from: Instant(try row.read()), to: Instant(try row.read()))
  }
}

extension Instant {
  init(_ timestamp: Timestamp) {
    self.init(microseconds: timestamp.microseconds)
  }
}

extension Timestamp {
  init(_ instant: Instant) {
    self.init(microseconds: instant.microseconds)
  }
}

extension RowReader {
  /// Reads a name of a closed set, such as a state.
  mutating func readName<Name: RawRepresentable>(
    _ type: Name.Type = Name.self
  ) throws(PostgresError) -> Name where Name.RawValue == String {
    let text = try read(String.self)
    guard let name = Name(rawValue: text) else { throw fault("has the unknown name \(text)") }
    return name
  }
}

/// A text for people as far as PostgreSQL can hold it: sources are quoted in it, and one U+0000
/// must not keep the ends of a whole batch of attempts from being written.
func storable(_ text: String) -> String {
  text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
}
