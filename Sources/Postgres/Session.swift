import CLibPQ

/// One libpq connection with blocking calls; confined to the queue of its `Connection`.
final class Session {
  let handle: OpaquePointer
  /// Made once the connection stands: before that the server's process is not known.
  private(set) lazy var canceller = Canceller(of: handle)
  private let notices: ServerMessageReceiver
  private var plans: [String: Plan] = [:]
  /// Names at the server that no statement uses any more.
  private var obsoletePlans: [String] = []
  private var generation = 0

  /// What the server knows of a statement.
  private struct Plan {
    let sql: String
    let serverName: String
  }

  /// Takes over a connection, completed or not.
  init(handle: OpaquePointer, onNotice: (@Sendable (ServerMessage) -> Void)?) {
    self.handle = handle
    // Without a receiver libpq would write to standard error.
    notices = ServerMessageReceiver(onNotice ?? { _ in })
    notices.attach(to: handle)
  }

  deinit {
    PQfinish(handle)
  }

  var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }

  var isInTransaction: Bool {
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

  /// Runs SQL without parameters, several commands allowed; the last answer, in text form.
  @discardableResult
  func run(_ sql: String, _ stake: Stake = .work) throws(PostgresError) -> QueryResult? {
    try requireAlive()
    let exposure = Exposure(stake, isInTransaction: isInTransaction)
    guard PQsendQuery(handle, sql) == 1 else { throw lost(exposure) }
    return try readResults(exposure)
  }

  /// Runs a statement, which is prepared where this session does not have it yet.
  func run(
    name: String, sql: String, _ parameters: Parameters
  ) throws(PostgresError) -> QueryResult {
    try requireAlive()
    let plan = try plan(name: name, sql: sql, parameters.slots.map(\.type))
    let exposure = Exposure(.work, isInTransaction: isInTransaction)
    guard parameters.send(to: handle, plan.serverName) else { throw lost(exposure) }
    guard let result = try readResults(exposure) else {
      throw PostgresError(.misuse, "The statement holds no command.", effect: .undone)
    }
    return result
  }

  /// Makes sure that the server can plan a statement with these types.
  func prepare(name: String, sql: String, _ types: [PostgresType]) throws(PostgresError) {
    try requireAlive()
    _ = try plan(name: name, sql: sql, types)
  }

  /// Lets a statement be prepared anew, under another name: a failed transaction can drop none.
  func forgetPlan(of name: String) {
    guard let plan = plans.removeValue(forKey: name) else { return }
    obsoletePlans.append(plan.serverName)
  }

  private func plan(
    name: String, sql: String, _ types: @autoclosure () -> [PostgresType]
  ) throws(PostgresError) -> Plan {
    if let plan = plans[name] {
      guard plan.sql == sql else {
        throw PostgresError(.misuse, "Two statements have the name \(name).")
      }
      return plan
    }
    try dropObsoletePlans()
    generation += 1
    let plan = Plan(sql: sql, serverName: "\(name)#\(generation)")
    let exposure = Exposure(.work, isInTransaction: true)
    let oids = types().map(\.oid)
    guard PQsendPrepare(handle, plan.serverName, sql, Int32(oids.count), oids) == 1 else {
      throw lost(exposure)
    }
    try readResults(exposure)
    plans[name] = plan
    return plan
  }

  private func dropObsoletePlans() throws(PostgresError) {
    guard isIdle else { return }
    for name in obsoletePlans {
      do {
        try run("DEALLOCATE \"\(name)\"")
      } catch  where error.sqlState == .invalidStatementName {
        continue  // DISCARD or DEALLOCATE ALL had dropped it: that is why it is obsolete
      }
    }
    obsoletePlans.removeAll()
  }
}
