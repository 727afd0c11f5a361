/// The right to send one request, within a stretch of time.
public struct Permit: Hashable, Sendable {
  /// What a permit takes of one limit.
  public struct Share: Hashable, Sendable {
    /// The limit's number in the store.
    public var limit: Int32
    /// The bucket of the limit in which the request is counted.
    public var bucket: String
    /// The slot that it uses, in microseconds of the store's clock.
    public var slot: Int64
    /// What it costs.
    public var cost: Int64
    /// How much had been granted with it, from the beginning on.
    public var ordinal: Int64

    /// What a permit takes of one limit.
    public init(limit: Int32, bucket: String, slot: Int64, cost: Int64, ordinal: Int64) {
      self.limit = limit
      self.bucket = bucket
      self.slot = slot
      self.cost = cost
      self.ordinal = ordinal
    }
  }

  /// Before this the request may not go out, by the store's clock.
  public var from: Instant
  /// After this it may not go out any more.
  public var until: Instant
  /// What it takes of each limit; empty where none counts the request.
  public var shares: [Share]
  /// What has to be given back when the request has ended.
  public var holders: [Int64]

  /// A permit.
  public init(from: Instant, until: Instant, shares: [Share], holders: [Int64] = []) {
    self.from = from
    self.until = until
    self.shares = shares
    self.holders = holders
  }

  /// The right to send a request that no limit counts, at any time.
  public static let free = Permit(
    from: Instant(microseconds: .min), until: Instant(microseconds: .max), shares: [])

  /// Whether no limit counts the request.
  public var isFree: Bool { shares.isEmpty }
}
