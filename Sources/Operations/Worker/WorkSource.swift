import Connectors
import Domain
import JSON
import Postgres
import Stores

/// Finds, for each backfill of which a partition was claimed, what its runs share; made once.
actor WorkSource {
  private let backfills: BackfillStore
  private let connectors: Surroundings.ConnectorProvider
  private let verifiers: Surroundings.VerifierProvider
  private let outage: DatabaseOutage
  private let budgets: BudgetKeeper
  private var rows: [BackfillID: BackfillRow] = [:]
  private var works: [BackfillID: BackfillWork] = [:]

  init(
    backfills: BackfillStore, connectors: @escaping Surroundings.ConnectorProvider,
    verifiers: @escaping Surroundings.VerifierProvider, outage: DatabaseOutage,
    budgets: BudgetKeeper
  ) {
    self.backfills = backfills
    self.connectors = connectors
    self.verifiers = verifiers
    self.outage = outage
    self.budgets = budgets
  }

  /// The backfill as it was when it was first claimed here; its definition never changes.
  func row(of id: BackfillID) async throws(WorkFault) -> BackfillRow {
    if let known = rows[id] { return known }
    let found: BackfillRow?
    do throws(PostgresError) {
      found = try await asked { [backfills] () async throws(PostgresError) in
        try await backfills.findBackfill(id)
      }
    } catch {
      throw .database(id, error)
    }
    guard let found else { throw .missing(id) }
    rows[id] = found
    forget()
    return found
  }

  /// What the runs of a backfill share.
  func work(of row: BackfillRow) async throws(SourceFailure) -> BackfillWork {
    if let known = works[row.id] { return known }
    let connector: any Connector
    let verifier: (any SourceVerifier)?
    let zone: Zone
    let definition: BackfillDefinition
    let evaluator: RecordEvaluator
    let budget: SourceBudget
    do {
      let text = try await asked { [backfills] () async throws(PostgresError) in
        try await backfills.findDefinition(row.id)
      }
      definition = try BackfillDefinition(json: try JSONValue.parse(text ?? ""))
      budget = budgets.budget(of: row.sourceID, named: definition.source.name)
      connector = try connectors(definition, budget)
      verifier = row.mode == .verify ? try verifiers(definition, budget) : nil
      zone = try Zone(definition.stream.timeZone)
      evaluator = try RecordEvaluator(stream: definition.stream, policy: row.policy)
    } catch let failure as SourceFailure {
      throw failure
    } catch let error as PostgresError {
      throw SourceFailure(.storeRefused, "The backfill's definition could not be read: \(error)")
    } catch {
      throw SourceFailure(.misconfigured, "The backfill's definition does not work: \(error)")
    }
    // Another task may have made it meanwhile; the first stays, because it is shared already.
    if let known = works[row.id] { return known }
    let work = BackfillWork(
      row: row, source: definition.source, stream: definition.stream, connector: connector,
      verifier: verifier, zone: zone, evaluator: evaluator, gate: budget.gate)
    works[row.id] = work
    return work
  }

  /// How the partitions of a backfill are tried again; as usual where its definition does not work.
  func retryRule(of id: BackfillID) -> RetryRule {
    works[id]?.stream.retry ?? .standard
  }

  /// Where the windows of a backfill may be cut; nil where its definition does not work.
  func splitRule(of id: BackfillID) -> SplitRule? {
    works[id]?.connector.splitRule
  }

  /// The store's answer, through an outage: a partition is not to blame for one.
  private func asked<Value: Sendable>(
    _ question: @Sendable () async throws(PostgresError) -> Value
  ) async throws(PostgresError) -> Value {
    while true {
      do throws(PostgresError) {
        let answer = try await question()
        outage.over()
        return answer
      } catch {
        guard error.retryAdvice != .never, !Task.isCancelled else { throw error }
        await outage.wait(after: error)
      }
    }
  }

  /// Keeps the newest few: a backfill that comes again is simply looked up again.
  private func forget() {
    guard rows.count > 256, let oldest = rows.keys.min() else { return }
    rows[oldest] = nil
    works[oldest] = nil
  }
}

/// Why nothing can be said of a partition that was claimed.
enum WorkFault: Error {
  case missing(BackfillID)
  case database(BackfillID, PostgresError)

  var message: String {
    switch self {
    case .missing(let id): "Backfill \(id) is not in the store."
    case .database(let id, let error): "Backfill \(id) could not be read: \(error)"
    }
  }
}
