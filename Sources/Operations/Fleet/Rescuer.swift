public import Domain
import JSON
public import Postgres
import Stores

/// Makes the partitions of workers that died, or stopped, ready to be claimed again.
///
/// Looking is harmless, and an end is written under the fence that was seen: several processes may
/// rescue at once.
public struct Rescuer: Sendable {
  private let store: PartitionStore
  private let leaseSeconds: Double
  private let randomness: Randomness
  private let tell: @Sendable (Event) -> Void

  /// A rescuer; `leaseSeconds` is how long claims last.
  public init(
    pool: Pool, leaseSeconds: Double, randomness: Randomness,
    tell: @escaping @Sendable (Event) -> Void
  ) {
    store = PartitionStore(pool: pool)
    self.leaseSeconds = leaseSeconds
    self.randomness = randomness
    self.tell = tell
  }

  /// Rescues until the task is cancelled; `wake` is told when there is something to claim.
  public func run(wake: @Sendable () -> Void) async {
    while !Task.isCancelled {
      if await rescue() > 0 { wake() }
      do { try await Task.sleep(for: .seconds(leaseSeconds / 15)) } catch { return }
    }
  }

  /// Rescues what can be rescued now; gives how many partitions that were.
  @discardableResult
  public func rescue() async -> Int {
    do throws(PostgresError) {
      let lost = try await store.findLostPartitions(limit: 500, leaseSeconds: leaseSeconds)
      guard !lost.isEmpty else { return 0 }
      let rescued = try await store.endAttempts(ends(lost))
      for partition in lost where rescued.contains(partition.held.id) {
        tell(
          .partitionLost(
            partition.held.id, stream: partition.stream, worker: partition.workerLabel))
      }
      return rescued.count
    } catch {
      if !Task.isCancelled { tell(.troubled(part: "rescuer", message: "\(error)")) }
      return 0
    }
  }

  private func ends(_ lost: [LostPartition]) -> [AttemptEnd] {
    var rules: [BackfillID: RetryRule] = [:]
    return lost.map { lost in
      let backfill = lost.held.id.backfill
      let rule = rules[backfill] ?? Self.rule(of: lost)
      rules[backfill] = rule
      return end(lost, rule)
    }
  }

  /// The rule of the stream as its backfill was submitted; a definition that cannot be read, which
  /// the worker tells of, has the usual one.
  private static func rule(of lost: LostPartition) -> RetryRule {
    do {
      let json = try JSONValue.parse(lost.definition)
      return try BackfillDefinition(json: json).stream.retry
    } catch {
      return .standard
    }
  }

  /// A lost attempt is a failed one: a partition that kills its workers must end some time.
  private func end(_ lost: LostPartition, _ rule: RetryRule) -> AttemptEnd {
    let failure = SourceFailure(
      .lost, "\(lost.workerLabel) stopped or died and let its lease run out.")
    let failures = lost.madeProgress ? 1 : Int(lost.failures) + 1
    var generator = randomness
    let decision = RetryDecision.decide(
      failure, failuresWithoutProgress: failures, rule: rule, using: &generator)
    return AttemptEnd(
      held: lost.held, decision, failure: failure, failuresBefore: lost.failures,
      failures: Int32(clamping: failures))
  }
}
