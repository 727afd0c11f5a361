import Connectors
import Domain
import JSON
import Stores

/// The limits of a source as this process knows them.
struct KnownBudget: Sendable {
  /// Which state of the limits this is.
  let revision: Int32
  /// The limits by their numbers in the store.
  let limits: [Int32: RequestLimit]

  init(_ stored: StoredBudget) throws {
    revision = stored.revision
    limits = try Dictionary(
      uniqueKeysWithValues: stored.limits.map {
        ($0.id, try RequestLimit(json: try JSONValue.parse($0.definition)))
      })
  }

  /// The limits that count a request; none where it goes out freely.
  func route(of request: PermitRequest) -> Route {
    Route(
      limits: limits.sorted { $0.key < $1.key }.compactMap { id, limit in
        guard let bucket = limit.scope.bucket(ofMethod: request.method, path: request.path) else {
          return nil
        }
        return LimitBucket(limit: id, bucket: bucket, cost: limit.cost(of: request))
      })
  }

  /// The microseconds between two requests of a route, by the slowest of its limits.
  func spacing(of route: Route) -> Int64 {
    route.limits.compactMap { bucket in
      limits[bucket.limit]?.pace.map { $0.spacing.multipliedReportingOverflow(by: bucket.cost) }
    }.map { $0.overflow ? .max : $0.partialValue }.max() ?? 0
  }
}

/// The limits that count requests of one kind, by number.
struct Route: Hashable, Sendable {
  let limits: [LimitBucket]

  var isFree: Bool { limits.isEmpty }
}

extension RequestLimit {
  fileprivate func cost(of request: PermitRequest) -> Int64 {
    guard case .cost(_, let burst, let each) = rule else { return 1 }
    // More than the bucket ever holds the source refuses by itself.
    return max(1, min(request.cost ?? Int64(each), Int64(withoutReserve(burst))))
  }
}
