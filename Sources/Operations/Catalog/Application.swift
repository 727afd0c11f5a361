public import Domain
import JSON
public import Postgres
import Stores

/// Brings an applied configuration into the store.
public struct Application: Sendable {
  private let catalog: CatalogStore
  private let subscriptions: SubscriptionStore

  /// Application to the store behind a pool.
  public init(pool: Pool) {
    catalog = CatalogStore(pool: pool)
    subscriptions = SubscriptionStore(pool: pool)
  }

  /// Writes all of a configuration in one transaction.
  ///
  /// Backfills that were submitted keep the definitions they have. Sources and subscriptions that it
  /// does not name are left alone: they may stand in another document.
  public func apply(_ configuration: Configuration) async throws(PostgresError) {
    try await catalog.applySources(
      configuration.sources.map(Self.applied),
      subscriptions: configuration.subscriptions, retiring: configuration.retiredSubscriptions)
  }

  /// What applying a configuration would change.
  public func changes(
    by configuration: Configuration
  ) async throws -> [ConfigurationChange] {
    let sources = try await catalog.listSources()
    let streams = try await catalog.listStreams()
    let ofSources = try configuration.sources.flatMap { source in
      let new = Self.applied(source)
      let before = streams.filter { $0.sourceName == source.name }
      let old = sources.first { $0.name == source.name }?.definition
      return try [Self.change(.source, source.name, from: old, to: new.definition)]
        .compactMap(\.self)
        + new.streams.compactMap { stream in
          let old = before.first { $0.name == stream.name }?.definition
          return try Self.change(.stream, stream.name, from: old, to: stream.definition)
        }
        + before.filter { old in !new.streams.contains { $0.name == old.name } }
        .map { ConfigurationChange(thing: .stream, name: $0.name, kind: .retired) }
    }
    return try await ofSources + subscriptionChanges(by: configuration)
  }

  private func subscriptionChanges(
    by configuration: Configuration
  ) async throws -> [ConfigurationChange] {
    let before = try await subscriptions.listSubscriptions()
    let changed = try configuration.subscriptions.compactMap { subscription in
      let old = try before.first { $0.name == subscription.name }?.definition.encoded()
      return try Self.change(
        .subscription, subscription.name, from: old, to: subscription.json.encoded())
    }
    return changed
      + before.map(\.name).filter(configuration.retiredSubscriptions.contains)
      .map { ConfigurationChange(thing: .subscription, name: $0, kind: .retired) }
  }

  private static func change(
    _ thing: ConfigurationChange.Thing, _ name: String, from old: String?, to new: String
  ) throws -> ConfigurationChange? {
    guard let old else { return ConfigurationChange(thing: thing, name: name, kind: .added) }
    let (before, after) = (try JSONValue.parse(old), try JSONValue.parse(new))
    let keys = differences(before, after, path: "")
    return keys.isEmpty
      ? nil : ConfigurationChange(thing: thing, name: name, kind: .changed(keys))
  }

  /// The paths under which two values differ, as short as they are exact.
  private static func differences(
    _ old: JSONValue, _ new: JSONValue, path: String
  ) -> [String] {
    guard let before = old.object, let after = new.object else {
      return old.canonical() == new.canonical() ? [] : [path]
    }
    let gone = before.members.map(\.key).filter { after[$0] == nil }
    return (after.members.map(\.key) + gone).flatMap { key in
      differences(
        before[key] ?? .null, after[key] ?? .null, path: path.isEmpty ? key : "\(path).\(key)")
    }
  }

  private static func applied(_ source: SourceDefinition) -> AppliedSource {
    var alone = source
    alone.streams = []
    return AppliedSource(
      name: source.name, definition: alone.json.encoded(),
      concurrency: [source.concurrency, RequestBudget.concurrency(within: source.budget)]
        .compactMap(\.self).min().map { Int32(clamping: $0) },
      limits: source.budget.map(AppliedLimit.init),
      streams: source.streams.map {
        AppliedSource.Stream(name: $0.name, definition: $0.json.encoded())
      })
  }
}

extension SubscriptionRow {
  /// The definition that was applied, in the form of `SubscriptionDefinition.json`.
  fileprivate var definition: JSONValue {
    get throws {
      [
        "team": .string(team), "scope": scope.json, "events": .array(events.map { .string($0) }),
        "deliver": try JSONValue.parse(delivery),
      ]
    }
  }
}
