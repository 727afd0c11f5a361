/// A message of the server that is not an error: a notice, a warning.
public struct ServerMessage: Hashable, Sendable {
  /// The server's word for how grave it is, say `WARNING`.
  public let severity: String
  /// The server's code.
  public let sqlState: SQLState
  /// The server's sentence.
  public let message: String

  init(result: OpaquePointer?) {
    severity = DiagnosticField.severity(of: result) ?? "NOTICE"
    sqlState = SQLState(rawValue: DiagnosticField.sqlState(of: result) ?? "00000")
    message = DiagnosticField.message(of: result) ?? ""
  }
}
