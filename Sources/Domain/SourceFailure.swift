/// Why a source did not give the page asked for; decides whether, and when, to ask again.
public struct SourceFailure: Error, Hashable, Sendable {
  /// What went wrong, as far as it matters for the next step.
  public enum Kind: String, CaseIterable, Sendable {
    /// The source asked for patience (429, or a quota used up); costs no attempt.
    case rateLimited = "rate_limited"
    /// The source answered that it is broken (5xx).
    case unavailable
    /// The connection could not be made or broke.
    case network
    /// A deadline passed: connecting, first byte, idle or whole.
    case timeout
    /// The answer is not what the manifest says: no JSON, cut off, no way to the next page.
    case invalidPage = "invalid_page"
    /// The pages lead in a circle or never end.
    ///
    /// Which of them were the wrong ones nobody can tell, so the partition is read from its
    /// beginning when it is tried again, and what was committed on the way is no progress.
    case endless
    /// What was being read changed, so that its checkpoint leads nowhere: it is read from its
    /// beginning, and what was committed on the way is no progress.
    case sourceChanged = "source_changed"
    /// The source refuses who asks (401, 403); asking again does not help.
    case unauthorized
    /// The source refuses what is asked (other 4xx); asking again does not help.
    case refused
    /// The window holds more than the source gives of one, whether it said so or its own count shows
    /// it; the partition is split.
    ///
    /// Thrown before anything of the window is called complete.
    case windowTooLarge = "window_too_large"
    /// The definition cannot work: a missing file, a secret that does not resolve.
    case misconfigured
    /// More records were rejected than the stream allows.
    case tooManyRejected = "too_many_rejected"
    /// The store refused a batch of the source's records.
    case storeRefused = "store_refused"
    /// The worker died or stopped, and let its lease run out.
    case lost
  }

  /// What went wrong.
  public var kind: Kind
  /// One sentence for people: what happened and, where it helps, what to do.
  ///
  /// It holds no secret.
  public var message: String
  /// Microseconds that the source asks to wait before the next request, where it says so.
  public var retryAfter: Int64?
  /// How many requests it took of the source to learn that.
  public var requests: Int
  /// Whether the source's budget knows of it and holds what has to be held, so that nobody else
  /// does.
  public var isBudgeted = false

  /// A failure of a kind, told in one sentence.
  public init(_ kind: Kind, _ message: String, retryAfter: Int64? = nil, requests: Int = 0) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
    self.requests = requests
  }
}

extension SourceFailure.Kind {
  /// Whether the partition is read from its beginning again, so that the attempt made no progress.
  public var voidsProgress: Bool { self == .endless || self == .sourceChanged }
}

extension SourceFailure {
  /// The longest patience, in microseconds, that people need not hear of: an hour.
  public static let quietPatience: Int64 = 3_600_000_000

  /// Whether the source refuses to go on, or not for long, so that people should know.
  public var isBlocking: Bool {
    switch kind {
    case .unauthorized, .refused: true
    case .rateLimited: (retryAfter ?? 0) > Self.quietPatience
    default: false
    }
  }
}
