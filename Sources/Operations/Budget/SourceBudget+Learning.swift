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
    var generator = surroundings.randomness
    let wait = refusal.wait ?? refusals.wait(at: steady, using: &generator)
    let limits = permit.shares.map { known?.limits[$0.limit] }
    let isEndpoint =
      !limits.isEmpty && limits.allSatisfy { $0.map { $0.scope != .source } ?? false }
    let buckets =
      isEndpoint
      ? permit.shares.map { LimitBucket(limit: $0.limit, bucket: $0.bucket) } : []
    await hold(buckets, for: wait, reason: refusal.message)
    surroundings.tell(
      .sourceThrottled(
        source: name, until: surroundings.now().adding(microseconds: wait),
        message: refusal.message))
    return wait
  }

  /// Holds requests here at once, and everywhere as soon as the store has it.
  func hold(_ buckets: [LimitBucket], for wait: Int64, reason: String) async {
    guard wait > 0 else { return }
    closePass()
    holds.add(Holds.Hold(until: steady + wait, reason: reason), under: buckets)
    do throws(PostgresError) {
      try await store.holdRequests(to: source, under: buckets, for: wait, reason: reason)
    } catch {
      // This process waits all the same; others will hear it from the source.
      surroundings.tell(
        .troubled(part: "budget", message: "The hold on \(name) could not be stored: \(error)"))
    }
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

/// How often in a row a source asked for patience without saying for how long.
struct RefusalCount {
  private var count = 0
  private var until: Int64 = .min

  /// How long to wait this time, in microseconds: longer each time, until a minute has passed
  /// without it.
  mutating func wait(at now: Int64, using generator: inout some RandomNumberGenerator) -> Int64 {
    count = until == .min || now - until > 60_000_000 ? 1 : count + 1
    let wait = Backoff(base: 1, cap: 60).delay(after: count, using: &generator)
    until = now + wait
    return wait
  }
}
