import CLibCurl

/// One exchange over the loop: a request and its answer, or a mail.
///
/// Only the loop's thread calls it.
protocol Transfer: AnyObject, Sendable {
  /// Sets the options of a fresh handle. The handle must not outlive the transfer.
  func configure(_ easy: EasyHandle)

  /// The error of a deadline that has passed at an instant; nil while all are kept.
  func overdue(at now: ContinuousClock.Instant) -> OutboundError?

  /// When to ask `overdue` again, whatever libcurl does until then.
  func nextCheck(after now: ContinuousClock.Instant) -> ContinuousClock.Instant

  /// libcurl is done with it; called once, unless `failed` was.
  func finished(_ code: CURLcode, _ easy: EasyHandle)

  /// It was taken off the loop; called once, unless `finished` was.
  func failed(_ error: OutboundError)

  /// Whether it was cancelled, perhaps before it was started.
  var isCancelled: Bool { get set }

  /// How many requests were sent so far.
  var requests: Int { get }
}
