extension PostgresError {
  /// The error that a result of the server carries.
  init(result: OpaquePointer?) {
    let state = SQLState(rawValue: DiagnosticField.sqlState(of: result) ?? "XX000")
    let message = DiagnosticField.message(of: result) ?? "the server gave no message"
    self.init(.server, Self.withoutValues(message, state), effect: .undone, state: state)
    if !Self.quotesValues(state) { detail = DiagnosticField.detail(of: result) }
    hint = DiagnosticField.hint(of: result)
    constraint = DiagnosticField.constraint(of: result)
    table = DiagnosticField.table(of: result)
    serverFunction = DiagnosticField.serverFunction(of: result)
  }

  /// Whether messages of this class quote rows and parameters: data exceptions, constraints.
  private static func quotesValues(_ state: SQLState) -> Bool {
    state.errorClass == "22" || state.errorClass == "23"
  }

  /// A data exception quotes the value in its first sentence, so what stands in quotes goes.
  private static func withoutValues(_ message: String, _ state: SQLState) -> String {
    guard state.errorClass == "22", let first = message.firstIndex(of: "\""),
      let last = message.lastIndex(of: "\""), first < last
    else { return message }
    return message[..<first] + "\"…\"" + message[message.index(after: last)...]
  }
}
