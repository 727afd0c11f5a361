import Postgres

extension Database {
  /// Every row of every table of the schema, as text, by table; with the transaction that wrote it
  /// where that is asked for.
  public func snapshot(withTransactions: Bool = false) async throws -> [String: [String]] {
    try await withConnection { connection in
      let tables = try await connection.column(
        """
        SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = 'backfill' AND c.relkind = 'r' ORDER BY 1
        """, String.self)
      var rows: [String: [String]] = [:]
      for table in tables {
        let prefix = withTransactions ? "t.xmin::text || ' ' || " : ""
        rows[table] = try await connection.column(
          "SELECT \(prefix)t::text FROM backfill.\(table) t ORDER BY 1", String.self)
      }
      return rows
    }
  }
}
