/// Who is told of what, and how, as the applied file describes it.
public struct SubscriptionDefinition: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The team that it is for; several subscriptions may be for one.
  public var team: String
  /// The streams of which it hears, and of no other.
  public var scope: Scope
  /// The events of which it hears, in the order of the file.
  public var events: [NoticeKind]
  /// How it is told.
  public var delivery: Delivery

  /// A subscription; for a team of its own name unless another is given.
  public init(
    name: String, team: String? = nil, scope: Scope, events: [NoticeKind], delivery: Delivery
  ) {
    self.name = name
    self.team = team ?? name
    self.scope = scope
    self.events = events
    self.delivery = delivery
  }
}

/// The kinds of notices that people may be told of.
public enum NoticeKind: String, CaseIterable, Sendable {
  /// A backfill ended, and every partition that was needed succeeded.
  case finished
  /// A backfill ended, and not every partition succeeded.
  case finishedWithFailures = "finished_with_failures"
  /// A partition failed for good, while others go on.
  case partitionFailed = "partition_failed"
  /// The source refuses to go on, and somebody has to act.
  case blocked
  /// A verification ended, and the store has what the source has.
  case verified
  /// A verification ended, and the store differs from the source.
  case differenceFound = "difference_found"
}

/// A choice of streams: those of some sources, some by name, and those with some tags.
public struct Scope: Hashable, Sendable {
  /// The sources of which every stream is in it.
  public var sources: [String]
  /// The full names of streams in it.
  public var streams: [String]
  /// The tags that put a stream into it.
  public var tags: [String]

  /// A scope; of nothing unless something is named.
  public init(sources: [String] = [], streams: [String] = [], tags: [String] = []) {
    self.sources = sources
    self.streams = streams
    self.tags = tags
  }

  /// Whether nothing is named.
  public var isEmpty: Bool { sources.isEmpty && streams.isEmpty && tags.isEmpty }

  /// Whether a stream, by its full name and tags, is in it: one thing named is enough.
  public func contains(stream: String, tags its: [String]) -> Bool {
    let source = stream.prefix { $0 != "." }
    return streams.contains(stream) || sources.contains { $0 == source }
      || tags.contains { its.contains($0) }
  }
}
