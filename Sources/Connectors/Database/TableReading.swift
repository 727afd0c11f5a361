import Domain
import Postgres

/// A connection to a source's database, in a transaction that sees one moment of it and writes
/// nothing.
actor TableReading {
  private let connector: TableConnector
  private var connection: Connection?

  init(connector: TableConnector) {
    self.connector = connector
  }

  /// Connects and begins; gives the types of the columns that order the rows.
  func open() async throws(SourceFailure) -> TableTypes {
    let specification = connector.specification
    let types: [String]
    do throws(PostgresError) {
      let connection = try await Connection.connect(connector.settings)
      self.connection = connection
      try await connection.execute(
        """
        SET statement_timeout = '\(specification.statementSeconds)s';
        SET standard_conforming_strings = on; SET extra_float_digits = 1;
        SET bytea_output = hex; SET IntervalStyle = iso_8601;
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
        """)
      if case .query(let text) = specification.rows { try await check(text, on: connection) }
      types =
        try await connection.query(TableQuery(specification: specification).types) {
          row throws(PostgresError) in try row.read([String].self)
        }.first ?? []
    } catch {
      throw SourceFailure(error, source: connector.source)
    }
    guard let time = types.first else {
      throw SourceFailure(.invalidPage, "The database of \(connector.source) named no types.")
    }
    return try TableTypes(
      time: time, keys: Array(types.dropFirst()), format: specification.timeFormat)
  }

  /// Pairs of texts that the database answers a question with.
  func values(
    _ sql: String
  ) async throws(SourceFailure) -> [(currency: String?, amount: String?)] {
    do throws(PostgresError) {
      return try await connection?.query(sql) { row throws(PostgresError) in
        (try row.read(String?.self), try row.read(String?.self))
      } ?? []
    } catch {
      throw SourceFailure(error, source: connector.source)
    }
  }

  /// Begins to read rows.
  func begin(_ sql: String) async throws(SourceFailure) {
    do throws(PostgresError) {
      try await connection?.beginCopyOut(sql)
    } catch {
      throw SourceFailure(error, source: connector.source)
    }
  }

  /// The next rows, behind those that are there and each followed by a comma.
  func rows(after start: [UInt8], upTo limit: Int) async throws(SourceFailure) -> CopiedRows {
    guard let connection else {
      throw SourceFailure(.network, "The connection to \(connector.source) was closed.")
    }
    do throws(PostgresError) {
      return try await connection.copiedRows(
        after: start, upTo: limit, separator: UInt8(ascii: ","))
    } catch {
      throw SourceFailure(error, source: connector.source)
    }
  }

  /// Ends the connection, and with it whatever it does.
  func close() async {
    await connection?.close()
    connection = nil
  }

  /// A query must be one by itself: within parentheses it could end them and begin another command.
  private func check(_ query: String, on connection: Connection) async throws(PostgresError) {
    try await connection.prepare(Statement<Void, Void>("sourceQuery", query))
  }
}
