import Domain
import JSON
import Operations
import Stores

extension Program {
  /// How it is told what became of an order.
  enum Telling {
    case text, json, nothing
  }

  /// Gives an order to a backfill and tells what became of it.
  func steer(
    _ id: BackfillID, _ words: SteeringWords, json: Bool,
    _ order: @Sendable (ControlStore) async throws -> ControlAnswer
  ) async throws -> ExitCode {
    try await withDatabase { database in
      try await steer(id, words, json ? .json : .text, on: database, order)
    }
  }

  /// The same on a database that is open already.
  func steer(
    _ id: BackfillID, _ words: SteeringWords, _ telling: Telling, on database: Database,
    _ order: @Sendable (ControlStore) async throws -> ControlAnswer
  ) async throws -> ExitCode {
    switch try await order(ControlStore(pool: database.pool)) {
    case .unknown: throw OperationFault.unknownBackfill(id)
    case .refused(let state) where state == words.goal:
      world.errors.remark("Backfill \(id) is \(state.words) already.")
    case .refused(let state):
      throw Failure(.failed, "Backfill \(id) is \(state.words) and cannot be \(words.participle).")
    case .done(let partitions):
      if telling == .text { try world.output.line(words.done(id, partitions)) }
    }
    if telling == .json, let row = try await BackfillStore(pool: database.pool).findBackfill(id) {
      try world.output.write(.object(row.document))
    }
    return .done
  }
}

/// How an order is spoken of.
struct SteeringWords: Sendable {
  /// What the order does to a backfill: "paused".
  let participle: String
  /// The state in which the order has nothing left to do.
  let goal: BackfillState?
  /// What is said once it is done.
  let done: @Sendable (BackfillID, Int) -> String
}
