public import Domain

/// Why an operation was refused; nothing was written.
public enum OperationFault: Error, Hashable, Sendable {
  /// There is no such stream; `known` are those that there are.
  case unknownStream(String, known: [String])
  /// There is no such subscription; `known` are those that there are.
  case unknownSubscription(String, known: [String])
  /// There is no such backfill.
  case unknownBackfill(BackfillID)
  /// Nothing of the backfill succeeded, so that there is nothing to verify.
  case nothingToVerify(BackfillID)
  /// The backfill took rejected records again; what it did is verified with what read the source.
  case notVerifiable(BackfillID)
  /// There is no such comparison.
  case unknownComparison(Int64)
  /// A stream has no such measure, or none is given and it has several; `known` are those it has.
  case unknownMeasure(String?, stream: String, known: [String])
  /// The backfill was never verified, so that nothing is known to differ.
  case notVerified(BackfillID)
}
