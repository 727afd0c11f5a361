import Connectors
import Domain
import Foundation
import JSON
import Postgres
import Stores

/// Finds, for each backfill of which a partition was claimed, what its runs share; made once.
actor WorkSource {
  private let backfills: BackfillStore
  private let connectors: Surroundings.ConnectorProvider
  private let now: @Sendable () -> Instant
  private var works: [BackfillID: BackfillWork] = [:]
  private var gates: [Int32: SourceGate] = [:]

  init(
    backfills: BackfillStore, connectors: @escaping Surroundings.ConnectorProvider,
    now: @escaping @Sendable () -> Instant
  ) {
    self.backfills = backfills
    self.connectors = connectors
    self.now = now
  }

  /// What the runs of a backfill share.
  func work(for id: BackfillID) async throws -> BackfillWork {
    if let known = works[id] { return known }
    guard let row = try await backfills.findBackfill(id),
      let text = try await backfills.findDefinition(id)
    else { throw SourceFailure(.misconfigured, "Backfill \(id) is not in the store.") }
    let definition = try BackfillDefinition(json: try JSONValue.parse(text))
    let connector = try connectors(definition)
    let work = BackfillWork(
      row: row, source: definition.source, stream: definition.stream, connector: connector,
      gate: gate(of: row.sourceID))
    // Another task may have made it meanwhile; the first stays, because it is shared already.
    if let known = works[id] { return known }
    works[id] = work
    forget()
    return work
  }

  private func gate(of source: Int32) -> SourceGate {
    if let known = gates[source] { return known }
    let gate = SourceGate(now: now)
    gates[source] = gate
    return gate
  }

  /// Keeps the newest few: a backfill that comes again is simply looked up again.
  private func forget() {
    guard works.count > 256, let oldest = works.keys.min() else { return }
    works[oldest] = nil
  }
}
