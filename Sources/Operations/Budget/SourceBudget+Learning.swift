import Connectors
import Domain
import Postgres
import Stores

// What answers say, for all processes.
extension SourceBudget {
  /// Learns what became of a request; gives the microseconds to wait where it was refused.
  func learn(from outcome: PermitOutcome, of permit: Permit) async -> Int64? {
    switch outcome {
    case .unsent:
      holders.subtract(permit.holders)
      await giveBack([permit])
      return nil
    case .unanswered:
      await release(permit)
      return nil
    case .answered(let answer):
      await release(permit)
      guard let refusal = answer.refusal else {
        await learn(from: answer, of: permit)
        return nil
      }
      return await learn(from: refusal, of: permit)
    }
  }

  /// Tells the store where an answer allows less than was thought; the rest costs nothing.
  private func learn(from answer: QuotaAnswer, of permit: Permit) async {
    for share in permit.shares { bucketGates.served(LimitBucket(share)) }
    for share in permit.shares {
      guard let limit = known?.limits[share.limit], var lowering = limit.lowering(by: answer)
      else { continue }
      let bucket = LimitBucket(limit: share.limit, bucket: share.bucket)
      if lowering.spacing == spacings[bucket] { lowering.spacing = nil }
      guard lowering != Lowering() else { continue }
      do throws(PostgresError) {
        try await store.lowerBudget(share, by: lowering)
        spacings[bucket] = lowering.spacing ?? spacings[bucket]
      } catch {
        // The next answer says it again.
        surroundings.tell(
          .troubled(part: "budget", message: "A quota of \(name) could not be stored: \(error)"))
      }
    }
  }

  private func release(_ permit: Permit) async {
    guard !permit.holders.isEmpty else { return }
    holders.subtract(permit.holders)
    await giveBack([
      Permit(from: permit.from, until: permit.until, shares: [], holders: permit.holders)
    ])
  }

  /// One that is told to wait means all: nobody asks before that.
  ///
  /// Which limit it was nobody can tell; so all that counted the request are held, and where one of
  /// them counts all requests, or none was declared, the whole source.
  private func learn(from refusal: QuotaAnswer.Refusal, of permit: Permit) async -> Int64 {
    let failure = SourceFailure(.rateLimited, refusal.message, retryAfter: refusal.wait)
    let buckets = isOfEndpoint(permit) ? permit.shares.map(LimitBucket.init) : []
    let gates = buckets.isEmpty ? [gate] : buckets.map { bucketGates.gate(of: $0) }
    let wait = gates.compactMap { $0.noted(failure).retryAfter }.max() ?? 0
    // Said here at once, so that it need not be said when the partition's run has ended.
    guard gates.compactMap({ $0.takeHold() }).isEmpty == false else { return wait }
    await hold(buckets, for: wait, reason: refusal.message)
    surroundings.tell(
      .sourceThrottled(
        source: name, until: surroundings.now().adding(microseconds: wait),
        message: refusal.message))
    return wait
  }

  private func isOfEndpoint(_ permit: Permit) -> Bool {
    let limits = permit.shares.map { known?.limits[$0.limit] }
    return !limits.isEmpty && limits.allSatisfy { $0.map { $0.scope != .source } ?? false }
  }

  /// Holds requests in all processes.
  func hold(_ buckets: [LimitBucket], for wait: Int64, reason: String) async {
    do throws(PostgresError) {
      try await store.holdRequests(to: source, under: buckets, for: wait, reason: reason)
    } catch {
      // This process waits all the same; others will hear it from the source.
      surroundings.tell(
        .troubled(part: "budget", message: "The hold on \(name) could not be stored: \(error)"))
    }
  }
}

extension LimitBucket {
  fileprivate init(_ share: Permit.Share) {
    self.init(limit: share.limit, bucket: share.bucket)
  }
}

// Requests under way
extension SourceBudget {
  /// Says that the requests under way still are.
  func renew() async {
    guard !holders.isEmpty else { return }
    do throws(PostgresError) {
      try await store.renewHolders(Array(holders), lease: Self.lease)
    } catch {
      surroundings.tell(
        .troubled(
          part: "budget", message: "Requests under way to \(name) could not be told of: \(error)"))
    }
  }
}
