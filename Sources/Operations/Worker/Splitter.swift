import Domain
import Postgres
import Stores

/// Splits partitions that are too large: for their source, or for one attempt.
struct Splitter {
  /// What became of the attempt.
  enum End: Sendable {
    /// The partition was split, for this reason.
    case split(into: [Int32], String)
    /// Another holds the partition, or it was cancelled.
    case fenced
    /// The partition is given back, to go on from its checkpoint.
    case released
    /// The partition cannot be split.
    case failed(SourceFailure)
    /// Nothing could be written; the lease runs out.
    case unwritten
  }

  let partitions: PartitionStore
  let outage: DatabaseOutage
  let tell: @Sendable (Event) -> Void

  /// Puts two in the place of a partition whose window holds more than its source gives.
  ///
  /// One that verifies is cut where a partition begins that it compares, because half of one proves
  /// nothing.
  func split(
    _ claimed: ClaimedPartition, _ failure: SourceFailure, rule: SplitRule, verifies: Bool
  ) async -> End {
    var boundaries: [Instant]?
    if verifies {
      guard let found = await self.boundaries(of: claimed.id) else { return .unwritten }
      boundaries = found
    }
    let decision = SplitDecision.decide(
      failure, over: claimed.window, rule: rule, boundaries: boundaries)
    switch decision {
    case .fail(let failure): return .failed(failure)
    case .cut(let instant):
      let order = PartitionSplit(
        held: HeldPartition(id: claimed.id, fence: claimed.fence), .replaced, at: [instant],
        kind: failure.kind.rawValue, message: failure.message,
        requests: Int32(clamping: failure.requests))
      return await write(order) {
        var tooMany = failure
        tooMany.message +=
          " To split the window would make more than \(Wording.number(Plan.limit)) partitions; "
          + "submit a shorter window."
        return .failed(tooMany)
      }
    }
  }

  /// Ends a partition where it has come to, and leaves the rest to others.
  func shareOut(
    _ claimed: ClaimedPartition, before cut: Instant, _ rest: [Window], requests: Int
  ) async -> End {
    let parts = rest.count == 1 ? "Another part takes" : "\(Wording.number(rest.count)) parts take"
    let order = PartitionSplit(
      held: HeldPartition(id: claimed.id, fence: claimed.fence), .doneUpToFirstCut,
      at: rest.map(\.from), kind: "shared_out",
      message: "It took long. \(parts) what was left from \(cut) on.",
      requests: Int32(clamping: requests))
    return await write(order) { .released }
  }

  /// Nil where the store cannot say.
  private func boundaries(of id: PartitionID) async -> [Instant]? {
    while !Task.isCancelled {
      do throws(PostgresError) {
        let found = try await partitions.findBoundaries(of: id)
        outage.over()
        return found
      } catch {
        guard error.retryAdvice != .never else {
          tell(.troubled(part: "worker", message: "A partition could not be split: \(error)"))
          return nil
        }
        await outage.wait(after: error)
      }
    }
    return nil
  }

  /// Writes through an outage.
  ///
  /// What was written under a fence cannot be written twice, so an order whose answer was lost is
  /// given again.
  private func write(_ order: PartitionSplit, orElse tooMany: () -> End) async -> End {
    while !Task.isCancelled {
      do throws(PostgresError) {
        let answer = try await partitions.splitPartition(order)
        outage.over()
        switch answer {
        case .split(let parts): return .split(into: parts, order.message)
        case .fenced: return .fenced
        case .expired: return .released
        case .tooMany: return tooMany()
        }
      } catch {
        guard error.retryAdvice != .never || error.commitOutcomeUnknown else {
          tell(.troubled(part: "worker", message: "A partition could not be split: \(error)"))
          return .unwritten
        }
        await outage.wait(after: error)
      }
    }
    return .unwritten
  }
}
