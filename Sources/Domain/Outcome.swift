/// What became of a record.
///
/// Every record has exactly one outcome, and they add up to those read.
public enum Outcome: String, CaseIterable, Sendable {
  /// The key was new: a document was written.
  case inserted
  /// The key was known with another payload: the next version was written.
  case versioned
  /// The key was known with the same payload: nothing was written.
  case unchanged
  /// The key was known with another payload, and the first write stays.
  case kept
  /// The record is older than what is stored.
  case stale
  /// The key came more than once in one batch, and another record of it was taken.
  case duplicate
  /// The record could not be taken; it is kept whole as a rejection.
  case rejected
  /// The record lies outside the partition's window and was not stored.
  case outside
}
