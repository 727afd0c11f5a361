public import Domain
import Postgres

/// What became of a commit.
public enum CommitAnswer: Hashable, Sendable {
  /// It is durable.
  case committed(OutcomeCounts, partition: PartitionState)
  /// Another holds the partition, or it was cancelled: nothing was written.
  case fenced
  /// The lease had run out: nothing was written.
  case expired
  /// This very batch was committed before: nothing was written again.
  case repeated
  /// A document of a probe is new or changed: nothing was written.
  case payloadNeeded
}

extension CommitAnswer {
  init(_ row: inout RowReader) throws(PostgresError) {
    let status = try row.read(String.self)
    switch status {
    case "committed": self = .committed(try OutcomeCounts(&row), partition: try row.readName())
    case "fenced": self = .fenced
    case "expired": self = .expired
    case "repeated": self = .repeated
    case "payload_needed": self = .payloadNeeded
    default: throw row.fault("has the unknown status \(status)")
    }
    if case .committed = self { return }
    for _ in 0..<9 { row.skip() }
  }
}

extension OutcomeCounts {
  /// Reads the eight counts in the order of the tables.
  init(_ row: inout RowReader) throws(PostgresError) {
    self.init()
    for outcome in Outcome.tableOrder { self[outcome] = Int64(try row.read(Int32.self)) }
  }
}
