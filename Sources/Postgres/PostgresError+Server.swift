import CLibPQ

extension PostgresError {
  /// The error that a result of the server carries.
  init(result: OpaquePointer?) {
    // Errors that libpq itself makes have no code.
    let state = DiagnosticField.sqlState(of: result).map(SQLState.init(rawValue:))
    let message = DiagnosticField.message(of: result) ?? Self.wholeMessage(of: result)
    self.init(.server, Self.withoutValues(message, state), effect: .undone, state: state)
    if !Self.quotesValues(state) { detail = DiagnosticField.detail(of: result) }
    hint = DiagnosticField.hint(of: result)
    constraint = DiagnosticField.constraint(of: result)
    table = DiagnosticField.table(of: result)
    serverFunction = DiagnosticField.serverFunction(of: result)
  }

  /// Whether messages of this class quote rows and parameters: data exceptions, constraints.
  private static func quotesValues(_ state: SQLState?) -> Bool {
    state?.errorClass == "22" || state?.errorClass == "23"
  }

  /// A data exception quotes the value in its first sentence, so what stands in quotes goes, in
  /// whatever language the server speaks.
  private static func withoutValues(_ message: String, _ state: SQLState?) -> String {
    guard state?.errorClass == "22", let first = message.firstIndex(where: isQuote),
      let last = message.lastIndex(where: isQuote)
    else { return message }
    return message[..<first] + "…" + message[message.index(after: last)...]
  }

  private static func isQuote(_ character: Character) -> Bool {
    "\"'«»„“”‚‘’「」".contains(character)
  }

  /// The first line of what libpq says.
  private static func wholeMessage(of result: OpaquePointer?) -> String {
    let message = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
    return message.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no message"
  }
}
