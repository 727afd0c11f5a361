import Stores

/// Until when a source, or what some of its limits count, is not to be asked; by this process's
/// steady clock.
struct Holds {
  /// A hold.
  struct Hold {
    var until: Int64
    var reason: String
  }

  private var ofSource: Hold?
  private var ofBuckets: [LimitBucket: Hold] = [:]

  /// Takes over what the store says at a time.
  mutating func replace(by stored: StoredBudget, at now: Int64) {
    ofSource = stored.heldFor.map {
      Hold(until: now + $0, reason: stored.reason ?? "it asked for patience.")
    }
    ofBuckets = [:]
    for limit in stored.limits {
      for (bucket, left) in zip(limit.heldBuckets, limit.heldFor) {
        ofBuckets[LimitBucket(limit: limit.id, bucket: bucket)] = Hold(
          until: now + left, reason: "it asked for patience.")
      }
    }
  }

  /// Notes a hold; a longer one that is noted already stays.
  mutating func add(_ hold: Hold, under buckets: [LimitBucket]) {
    if buckets.isEmpty, hold.until > ofSource?.until ?? .min { ofSource = hold }
    for var bucket in buckets {
      bucket.cost = 1
      if hold.until > ofBuckets[bucket]?.until ?? .min { ofBuckets[bucket] = hold }
    }
  }

  /// What keeps requests of a route back at a time; nil where nothing does.
  func longest(of route: Route, at now: Int64) -> Hold? {
    let all =
      [ofSource] + route.limits.map { ofBuckets[LimitBucket(limit: $0.limit, bucket: $0.bucket)] }
    return all.compactMap(\.self).filter { $0.until > now }.max { $0.until < $1.until }
  }

  /// Whether nothing is held at a time.
  func isEmpty(at now: Int64) -> Bool {
    (ofSource?.until ?? .min) <= now && ofBuckets.values.allSatisfy { $0.until <= now }
  }
}
