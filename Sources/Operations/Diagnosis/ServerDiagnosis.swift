import Domain
public import Stores

/// Judges a server by its settings and by what goes on in it.
///
/// Pure.
public enum ServerDiagnosis {
  /// A transaction that is open for so many seconds keeps dead rows of the hot tables alive.
  static let longTransaction = 300.0
  /// So many dead rows, and more of them than living ones, slow a hot table down.
  static let manyDeadRows: Int64 = 50_000

  /// The oldest server that the program is tested on.
  static let testedVersion = 15
  /// What was committed is counted within less than a second; after so many something is wrong.
  static let longFolding = 5.0

  /// What is to be said of a server.
  public static func findings(
    _ server: ServerFacts, oldest: OpenTransaction?, tables: [TableFacts], workersAlive: Int
  ) -> [Finding] {
    version(server) + durability(server) + connections(server) + transactions(server, oldest)
      + cleaning(server, tables) + folding(server, workersAlive)
  }

  private static func version(_ server: ServerFacts) -> [Finding] {
    let answers = "PostgreSQL \(server.version) answers"
    let major = Int(server.version.prefix { $0.isNumber }) ?? 0
    return [
      major < testedVersion
        ? Finding(
          "server", .warning,
          "\(answers), and this program is tested on \(testedVersion) and newer; upgrade the server."
        )
        : Finding("server", .ok, "\(answers).")
    ]
  }

  private static func durability(_ server: ServerFacts) -> [Finding] {
    var findings: [Finding] = []
    if !server.hasFsync {
      findings.append(
        Finding(
          "fsync", .problem,
          "fsync is off, so a crash of the machine can destroy the database; set fsync = on."))
    }
    if !server.hasFullPageWrites {
      findings.append(
        Finding(
          "full_page_writes", .problem,
          "full_page_writes is off, so a crash can tear pages; set full_page_writes = on."))
    }
    if server.synchronousCommit == "off" {
      findings.append(
        Finding(
          "synchronous_commit", .warning,
          "synchronous_commit is off, so a crash can lose what succeeded in the last moments; set "
            + "synchronous_commit = on."))
    }
    return findings.isEmpty
      ? [Finding("durability", .ok, "What is committed survives a crash.")] : findings
  }

  private static func connections(_ server: ServerFacts) -> [Finding] {
    let used = "\(server.connections) of \(server.connectionLimit) connections are in use"
    let isScarce = server.connections * 10 > Int64(server.connectionLimit) * 8
    return [
      isScarce
        ? Finding(
          "max_connections", .warning,
          "\(used); raise max_connections, or run fewer workers before others are refused.")
        : Finding("max_connections", .ok, "\(used).")
    ]
  }

  private static func transactions(
    _ server: ServerFacts, _ oldest: OpenTransaction?
  ) -> [Finding] {
    var findings: [Finding] = []
    if let user = server.blindUser {
      findings.append(
        Finding(
          "transactions", .warning,
          "The user \(Wording.shortened(user, to: 60)) may not see what others do, so a transaction "
            + "that is open for long would not be found; have an administrator run: GRANT "
            + "pg_read_all_stats TO \(Wording.shortened(user, to: 60))"))
    }
    if let oldest, oldest.seconds >= longTransaction {
      let age = Wording.duration(microseconds: Int64(oldest.seconds) * 1_000_000)
      findings.append(
        Finding(
          "transactions", .warning,
          "A transaction of \(Wording.shortened(oldest.application, to: 60)) is open for \(age) and "
            + "keeps dead rows from being cleared away; end it, or run: SELECT "
            + "pg_terminate_backend(\(oldest.process))"))
    }
    if server.oldPreparedTransactions > 0 {
      findings.append(
        Finding(
          "prepared_transactions", .warning,
          "\(Wording.count(server.oldPreparedTransactions, "prepared transaction")) stood open for "
            + "an hour and keep dead rows; end them, see: SELECT * FROM pg_prepared_xacts"))
    }
    if server.heldTransactions > 10_000_000 {
      findings.append(
        Finding(
          "snapshot", .warning,
          "Somebody holds a snapshot of \(Wording.number(server.heldTransactions)) transactions "
            + "ago; look for it in pg_stat_activity and pg_replication_slots."))
    }
    if server.transactionsSinceFreeze > 1_000_000_000 {
      findings.append(
        Finding(
          "freeze", .problem,
          "The database was frozen \(Wording.number(server.transactionsSinceFreeze)) transactions "
            + "ago and stops at two thousand million; run: VACUUM (FREEZE)"))
    }
    return findings.isEmpty
      ? [Finding("transactions", .ok, "No transaction is open for long.")] : findings
  }

  private static func cleaning(_ server: ServerFacts, _ tables: [TableFacts]) -> [Finding] {
    guard server.hasAutovacuum else {
      return [
        Finding(
          "autovacuum", .problem,
          "autovacuum is off, so tables only grow and claims slow down; set autovacuum = on.")
      ]
    }
    let bloated = tables.filter { $0.deadRows > manyDeadRows && $0.deadRows > $0.rows }
    guard !bloated.isEmpty else {
      return [Finding("dead_rows", .ok, "Dead rows are cleared away in time.")]
    }
    return bloated.map { table in
      Finding(
        "dead_rows", .warning,
        "The table \(table.name) has \(Wording.number(table.deadRows)) dead rows and "
          + "\(Wording.number(table.rows)) living ones; run: VACUUM backfill.\(table.name)")
    }
  }

  private static func folding(_ server: ServerFacts, _ workersAlive: Int) -> [Finding] {
    if let failure = server.foldFailure {
      return [
        Finding(
          "counters", .problem,
          "What was committed cannot be counted, so no backfill ends: "
            + Wording.shortened(failure, to: 300))
      ]
    }
    guard let seconds = server.secondsUnfolded, seconds >= longFolding else {
      return [Finding("counters", .ok, "Counters are up to date.")]
    }
    let age = Wording.duration(microseconds: Int64(seconds) * 1_000_000)
    let lag = "What was committed \(age) ago is not counted yet"
    return [
      workersAlive > 0
        ? Finding(
          "counters", .problem,
          "\(lag), although a worker is alive: counting fails or cannot follow; look for trouble in "
            + "sequencer in the logs of the workers.")
        : Finding(
          "counters", .warning,
          "\(lag); a worker does that, start one with: backfill worker")
    ]
  }
}
