public import Domain
import JSON
public import Postgres
import Stores

/// Has backfills verified, and has read again what was found to differ.
public struct Verification: Sendable {
  private let backfills: BackfillStore
  private let catalog: CatalogStore
  private let store: VerificationStore
  private let submits: SubmitStore
  private let now: @Sendable () -> Instant

  /// Verification of what lies in the store behind a pool.
  public init(pool: Pool, now: @escaping @Sendable () -> Instant) {
    backfills = BackfillStore(pool: pool)
    catalog = CatalogStore(pool: pool)
    store = VerificationStore(pool: pool)
    submits = SubmitStore(pool: pool)
    self.now = now
  }

  /// Submits the verification of a backfill under the stream's present definition; of a verification,
  /// once more that of what it verified.
  public func submit(
    _ id: BackfillID, requestedBy user: String
  ) async throws -> BackfillID {
    let target = try await target(of: id)
    let definition = try await definition(of: target)
    let made = try await store.submitVerification(
      of: target.id, definition: definition.json.encoded(), by: definition.verifyBy,
      requestedBy: user, reason: "To verify backfill \(target.id).")
    guard let made else { throw OperationFault.nothingToVerify(target.id) }
    return made
  }

  /// Submits a backfill of the partitions in which something is missing or different, and of no
  /// other; it is verified when it ends.
  ///
  /// Nil where reading again would mend nothing.
  public func repair(_ id: BackfillID, requestedBy user: String) async throws -> BackfillID? {
    let target = try await target(of: id)
    guard let verification = try await store.findVerification(of: target.id),
      try await store.findProof(of: verification) != nil
    else { throw OperationFault.notVerified(target.id) }
    let windows = try await store.listMendable(of: verification).map(\.window)
    guard let first = windows.first, let last = windows.last else { return nil }
    let definition = try await definition(of: target)
    guard let stream = try await catalog.findStream(target.stream) else {
      throw OperationFault.unknownStream(
        target.stream, known: try await catalog.listStreams().map(\.name))
    }
    let plan = Plan(of: windows)
    return try await submits.submitBackfill(
      NewBackfill(
        stream: stream, definition: definition.json.encoded(), tags: definition.stream.tags,
        window: Window(from: first.from, to: last.to), step: target.step,
        timeZone: target.timeZone, order: .oldest, selection: .all, policy: target.policy,
        concurrency: target.concurrency, priority: target.priority, requestedBy: user,
        reason: "To read again what differed in backfill \(target.id), by verification "
          + "\(verification).",
        plan: plan, submittedAt: now(), verifyBy: definition.verifyBy))
  }

  /// What is verified, when this backfill is named.
  private func target(of id: BackfillID) async throws -> BackfillRow {
    guard let row = try await backfills.findBackfill(id) else {
      throw OperationFault.unknownBackfill(id)
    }
    switch row.mode {
    case .load: return row
    case .redrive: throw OperationFault.notVerifiable(id)
    case .verify:
      guard let verified = row.verifies, let target = try await backfills.findBackfill(verified)
      else { throw OperationFault.unknownBackfill(id) }
      return target
    }
  }

  /// The definition that a backfill of the stream would run with now.
  private func definition(of target: BackfillRow) async throws -> BackfillDefinition {
    guard let stream = try await catalog.findStream(target.stream) else {
      throw OperationFault.unknownStream(
        target.stream, known: try await catalog.listStreams().map(\.name))
    }
    return try BackfillDefinition(stream)
  }
}
