public import Domain

/// Why an operation was refused; nothing was written.
public enum OperationFault: Error, Hashable, Sendable {
  /// There is no such stream; `known` are those that there are.
  case unknownStream(String, known: [String])
  /// There is no such subscription; `known` are those that there are.
  case unknownSubscription(String, known: [String])
  /// There is no such backfill.
  case unknownBackfill(BackfillID)
}
