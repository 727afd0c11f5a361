/// Why an operation was refused; nothing was written.
public enum OperationFault: Error, Sendable {
  /// There is no such stream; `known` are those that there are.
  case unknownStream(String, known: [String])
}
