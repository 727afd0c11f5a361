/// What is at stake while an answer of the server is awaited.
enum Stake {
  /// Work of an open transaction, or a command that is its own transaction.
  case work
  /// The end of a transaction, whose outcome its caller must know.
  case commit
}

/// What a lost connection means at this moment of a call.
struct Exposure {
  let code: PostgresError.Code
  let effect: PostgresError.Effect

  /// Without an order to commit, the server takes back the work of an open transaction.
  init(_ stake: Stake, isInTransaction: Bool) {
    switch (stake, isInTransaction) {
    case (.commit, _): (code, effect) = (.commitOutcomeUnknown, .unknown)
    case (.work, true): (code, effect) = (.connectionLost, .undone)
    case (.work, false): (code, effect) = (.connectionLost, .unknown)
    }
  }
}

extension Exposure {
  init(code: PostgresError.Code, effect: PostgresError.Effect) {
    self.code = code
    self.effect = effect
  }
}
