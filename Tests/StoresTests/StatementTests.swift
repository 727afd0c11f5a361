import DatabaseFixtures
import Domain
import Foundation
import Postgres
import Testing

@testable import Stores

@Suite("The statements")
struct StatementTests {
  @Test("each fits the migrated schema")
  func prepare() async throws {
    try await Database.with { database in
      try await database.withConnection { connection in
        for statement in PreparedStatement.all {
          do {
            try await statement.prepare(connection)
          } catch {
            Issue.record("\(statement.name): \(error)")
          }
        }
      }
    }
  }

  /// Planning does not find what only running does, such as the address of a row that a step of the
  /// plan cannot give.
  @Test(
    "each runs, over rows and over none, whatever its parameters are", arguments: [true, false])
  func run(_ hasRows: Bool) async throws {
    try await Fixture.with { store in
      if hasRows { try await store.fill() }
      try await store.database.withConnection(StoreSession.settings) { connection in
        for statement in PreparedStatement.all {
          try await statement.prepare(connection)
          for filling in Filling.allCases {
            let refusal = try await statement.run(on: connection, filling)
            let isRefused = refusal.map { Self.refusals[statement.name, default: []].contains($0) }
            #expect(isRefused ?? true, "\(statement.name), \(filling): \(refusal?.rawValue ?? "")")
          }
        }
      }
    }
  }

  /// What the tables refuse of made up values; nothing else may fail.
  private static let refusals: [String: Set<SQLState>] = [
    "addHistoryDay": [noDate, nullName], "dropHistoryDays": [noDate, nullName],
    "dropNotices": [noDate], "beginRedrive": [null, .checkViolation],
    "finishBackfill": [.checkViolation], "insertBackfill": [null, .checkViolation],
    "moveSequencer": [null], "openBlocks": [null, unknown],
    "openEnding": [null, .checkViolation], "openFailures": [.checkViolation, unknown],
    "probeBatch": [noStage], "openLane": [null, .checkViolation, .uniqueViolation],
    "pauseBackfill": [.checkViolation],
    "registerWorker": [null], "splitPartition": [noDate],
    "commitVerdicts": [noJSON], "concludeVerification": [noJSON],
    "upsertLimits": [.checkViolation], "upsertSource": [null, .checkViolation],
    "upsertSubscription": [null, .checkViolation],
  ]
  private static let null: SQLState = "23502"
  private static let unknown: SQLState = "23503"
  private static let nullName: SQLState = "22004"
  private static let noDate: SQLState = "22007"
  private static let noJSON: SQLState = "22P02"
  /// Without keys it is no probe, and looks for what was staged.
  private static let noStage: SQLState = "42P01"

  @Test("none of the sources is forgotten here, and no two have one name")
  func complete() throws {
    let listed = PreparedStatement.all.map(\.name)
    #expect(Set(listed).count == listed.count)
    #expect(try Self.namesInSources().sorted() == listed.sorted())
  }

  /// The names of all statements of the room, from its sources: the first literal after each
  /// mention of the type with its arguments.
  private static func namesInSources() throws -> [String] {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let folder = "\(root)/Sources/Stores"
    var names: [String] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      for part in text.components(separatedBy: "Statement<").dropFirst() {
        let literal = part.components(separatedBy: "\"")
        names.append(
          try #require(literal.count > 1 ? literal[1] : nil, "\(file): \(part.prefix(60))"))
      }
    }
    return names
  }
}

/// What stands for every parameter of a statement.
private enum Filling: CaseIterable {
  case null, zero, one

  /// A value of a type, as SQL.
  func literal(_ type: String) -> String {
    let value =
      switch self {
      case .null: "NULL"
      case .zero: type.hasSuffix("[]") ? "'{}'" : Self.zeros[type, default: "'0'"]
      case .one: type.hasSuffix("[]") ? "'{1}'" : Self.ones[type, default: "'1'"]
      }
    return "\(value)::\(type)"
  }

  private static let zeros = ["text": "''", "timestamp with time zone": "'1970-01-01'"]
  private static let ones = ["timestamp with time zone": "'2024-03-01'"]
}

extension Fixture {
  /// Leaves something behind in every table that statements read.
  fileprivate func fill() async throws {
    _ = try await submit(days: 4)
    let claimed = try await claim(3)
    let records = [record("a"), record("a"), record("o", at: 1), "3"]
    _ = try await commit(claimed[0], records, end: .succeeded)
    try await fold()
    try await end(claimed[1], next: .fail)
    try await end(claimed[2])
    _ = try await claim(1)
    try await SubscriptionStore(pool: pool).applySubscriptions([
      SubscriptionDefinition(
        name: "1", team: "1", scope: Scope(streams: ["shop.orders"]), events: [.finished],
        delivery: .slack(url: SecretReference.environment("NONE")))
    ])
  }
}

/// A statement of any type, to be planned on a schema.
struct PreparedStatement {
  let name: String
  let prepare: (Connection) async throws -> Void

  init<Input, Row>(_ statement: Statement<Input, Row>) {
    name = statement.name
    prepare = { connection in try await connection.prepare(statement) }
  }

  /// Runs it, once prepared, as if it had not been; gives the code of its refusal.
  fileprivate func run(
    on connection: Connection, _ filling: Filling
  ) async throws -> SQLState? {
    let (name, types) = try #require(
      try await connection.query(
        """
        SELECT name, parameter_types::text[] FROM pg_prepared_statements
          WHERE name ~ '^\(self.name)#'
        """
      ) { row in (try row.read(String.self), try row.read([String].self)) }.first)
    let values = types.map(filling.literal).joined(separator: ", ")
    try await connection.execute("BEGIN")
    var refusal: SQLState?
    do {
      try await connection.execute(
        "EXECUTE \"\(name)\"" + (types.isEmpty ? "" : "(\(values))"))
    } catch {
      refusal = error.sqlState ?? "?????"
    }
    try await connection.execute("ROLLBACK")
    return refusal
  }
}
