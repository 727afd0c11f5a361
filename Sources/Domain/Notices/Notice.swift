/// One message about one event; what it says is fixed before it is delivered for the first time.
public struct Notice: Hashable, Sendable {
  /// What a notice is about, with all the facts that it may tell.
  public enum Occasion: Hashable, Sendable {
    /// A backfill ended.
    case ended(BackfillFacts)
    /// Partitions failed for good.
    case partitionFailed(BackfillFacts)
    /// The source refuses to go on.
    case blocked(BackfillFacts, Block)
    /// Somebody tries whether the subscription of this name is reached.
    case test(subscription: String)
  }

  /// Why a source does not go on.
  public struct Block: Hashable, Sendable {
    /// The kind of failure, a raw value of `SourceFailure.Kind`.
    public var kind: String
    /// What the worker said of it, in one sentence.
    public var message: String
    /// Until when the source asks for patience; nil where waiting does not help.
    public var until: Instant?

    /// A block.
    public init(kind: String, message: String, until: Instant?) {
      self.kind = kind
      self.message = message
      self.until = until
    }
  }

  /// Its identity.
  public var id: NoticeID
  /// What it is about.
  public var occasion: Occasion
  /// When that happened.
  public var createdAt: Instant

  /// A notice.
  public init(id: NoticeID, occasion: Occasion, createdAt: Instant) {
    self.id = id
    self.occasion = occasion
    self.createdAt = createdAt
  }
}

extension Notice.Occasion {
  /// What it tells of a backfill; nil for a test.
  public var facts: BackfillFacts? {
    switch self {
    case .ended(let facts), .partitionFailed(let facts), .blocked(let facts, _): facts
    case .test: nil
    }
  }

  /// The kind by which subscriptions choose; nil for a test, which is for one alone.
  public var kind: NoticeKind? {
    switch self {
    case .ended(let facts): NoticeKind(ending: facts)
    case .partitionFailed: .partitionFailed
    case .blocked: .blocked
    case .test: nil
    }
  }
}

extension NoticeKind {
  /// The kind of notice that tells of the ending of a backfill: of a verification that came to its
  /// end, what it found.
  public init(ending facts: BackfillFacts) {
    guard facts.mode == .verify, facts.state == .succeeded, let proof = facts.proof else {
      self.init(ending: facts.state)
      return
    }
    self = proof.isEqual ? .verified : .differenceFound
  }

  /// The kind of notice that tells of an ending.
  ///
  /// A cancelled backfill counts among those with failures: who waits for its window has to learn
  /// that it is not complete.
  public init(ending state: BackfillState) {
    self = state == .succeeded ? .finished : .finishedWithFailures
  }
}
