public import Domain

/// Lets requests out to a source, as often as its budget allows to all processes together.
///
/// A connector takes a permit before everything that the source may count: each request, be it sent
/// again or led elsewhere by a redirect, each process that asks by itself. It goes out at once, and
/// what became of it is told, once for each permit.
public protocol RequestPermits: Sendable {
  /// Waits until a request may go out.
  ///
  /// Throws `rateLimited`, with the time to wait, where that is more than a moment: then the
  /// partition waits, not its worker.
  func take(for request: PermitRequest) async throws(SourceFailure) -> Permit

  /// Hears what became of a request; gives the microseconds to wait where it was refused.
  @discardableResult
  func settle(_ permit: Permit, _ outcome: PermitOutcome) async -> Int64?
}

/// What the limits of a source tell requests apart by.
public struct PermitRequest: Hashable, Sendable {
  /// The method, such as `GET`.
  public var method: String
  /// The path; a query does not matter.
  public var path: String
  /// What it costs where points are counted; nil where the limit says that itself.
  public var cost: Int64?

  /// A request.
  public init(method: String, path: String, cost: Int64? = nil) {
    self.method = method
    self.path = path
    self.cost = cost
  }
}

/// What became of a request that had a permit.
public enum PermitOutcome: Sendable {
  /// It was not sent: the permit is given back.
  case unsent
  /// It was sent, and nothing is known of its answer.
  case unanswered
  /// It was answered.
  case answered(QuotaAnswer)
}

/// The permits of a source without limits, and of those who ask it for nobody else.
public struct FreePermits: RequestPermits {
  /// Permits for anything.
  public init() {}

  /// A permit, at once.
  public func take(for request: PermitRequest) async throws(SourceFailure) -> Permit { .free }

  /// Nothing is learned.
  public func settle(_ permit: Permit, _ outcome: PermitOutcome) async -> Int64? { nil }
}
