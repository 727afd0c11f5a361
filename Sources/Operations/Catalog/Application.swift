public import Domain
import JSON
public import Postgres
import Stores

/// Brings an applied configuration into the store.
public struct Application: Sendable {
  private let catalog: CatalogStore

  /// Application to the store behind a pool.
  public init(pool: Pool) {
    catalog = CatalogStore(pool: pool)
  }

  /// Writes all of a configuration in one transaction; gives the names of the subscriptions that it
  /// retired.
  ///
  /// Backfills that were submitted keep the definitions they have. The subscriptions of a document
  /// that speaks of them are all there are from then on.
  @discardableResult
  public func apply(_ configuration: Configuration) async throws(PostgresError) -> [String] {
    try await catalog.applySources(
      configuration.sources.map(Self.applied),
      subscriptions: configuration.speaksOfSubscriptions ? configuration.subscriptions : nil)
  }

  private static func applied(_ source: SourceDefinition) -> AppliedSource {
    var alone = source
    alone.streams = []
    return AppliedSource(
      name: source.name, definition: alone.json.encoded(),
      concurrency: source.concurrency.map { Int32(clamping: $0) },
      streams: source.streams.map {
        AppliedSource.Stream(name: $0.name, definition: $0.json.encoded())
      })
  }
}
