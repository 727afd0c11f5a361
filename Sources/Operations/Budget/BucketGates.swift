import Domain
import Stores

/// The gates of what the limits of endpoints count: each holds as the gate of a source does.
struct BucketGates {
  private let now: @Sendable () -> Instant
  private var gates: [LimitBucket: SourceGate] = [:]

  init(now: @escaping @Sendable () -> Instant) {
    self.now = now
  }

  /// The gate of a bucket, made where there is none.
  mutating func gate(of bucket: LimitBucket) -> SourceGate {
    let place = LimitBucket(limit: bucket.limit, bucket: bucket.bucket)
    if let known = gates[place] { return known }
    let gate = SourceGate(now: now)
    gates[place] = gate
    return gate
  }

  /// The gates of a route that ever held.
  func gates(of route: Route) -> [SourceGate] {
    guard !gates.isEmpty else { return [] }
    return route.limits.compactMap {
      gates[LimitBucket(limit: $0.limit, bucket: $0.bucket)]
    }
  }

  /// Notes that the source served a request of a bucket.
  func served(_ bucket: LimitBucket) {
    gates[bucket]?.served()
  }

  /// Takes over what the store says.
  mutating func hold(_ stored: StoredBudget) {
    for limit in stored.limits {
      for (bucket, left) in zip(limit.heldBuckets, limit.heldFor) {
        gate(of: LimitBucket(limit: limit.id, bucket: bucket))
          .hold(for: left, because: "It asked for patience.")
      }
    }
  }
}
