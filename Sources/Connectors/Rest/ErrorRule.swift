import Domain

/// What an answer means, by its status, a header or a part of its body.
struct ErrorRule: Hashable, Sendable {
  /// What is done about it.
  enum Action: String, CaseIterable, Sendable {
    /// The source cannot serve at the moment; asked again later, at the cost of an attempt.
    case retry
    /// The source asks for patience; asked again later, at no cost.
    case rateLimited = "rate_limited"
    /// Asking again would not help.
    case fail
    /// There is nothing for this parent; the next one is read.
    case skip
    /// There is nothing: a page without records, and the last.
    case empty
    /// The window is too large for the source.
    case split
    /// The page is too large for the source; it is asked for again, half as large.
    case shrinkPage = "shrink_page"
    /// What was read cannot be gone on from; the partition is read from its beginning.
    case restart
    /// The login ran out; it is made anew, and the page asked for again.
    case refreshAuth = "refresh_auth"
  }

  /// How long the source asks to wait.
  struct Wait: Hashable, Sendable {
    /// Where it says so.
    enum Place: Hashable, Sendable {
      case header(String)
      case body(BodyPath)
      case fixed(seconds: Int)
    }

    /// What the number there means.
    enum Unit: String, CaseIterable, Sendable {
      case seconds, milliseconds
      case epochSeconds = "epoch_seconds"
      case epochMilliseconds = "epoch_milliseconds"
      /// A date of HTTP, or seconds, as in `Retry-After`.
      case date
    }

    var place: Place
    var unit: Unit
    /// What is not waited beyond, in microseconds.
    var longest: Int64
  }

  /// The statuses that it is for; none stands for all.
  var statuses: [ClosedRange<Int>]
  /// The header that is looked at.
  var header: String?
  /// The part of the body that is looked at.
  var path: BodyPath?
  /// The texts one of which it must be; none asks only that there be something.
  var equals: [String]
  /// The text that must stand in it.
  var contains: String?
  /// What is done.
  var action: Action
  /// How long the source asks to wait.
  var wait: Wait?
  /// What people are told.
  var message: String?
}
