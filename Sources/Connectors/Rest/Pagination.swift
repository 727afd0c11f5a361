import JSON

/// How the next page of a source is found.
enum Pagination: Hashable, Sendable {
  /// The answer is the only page.
  case none
  /// The answer holds the URL of the next page.
  case nextURL(JSONPath)
  /// The `Link` header holds the URL of the next page.
  case linkHeader
  /// The answer holds a text to send with the next request; some want one with the first as well.
  case cursor(JSONPath, first: String?)
  /// The next request names the last record's id.
  case lastID(JSONPath)
  /// Pages are numbered, from this number on.
  case page(first: Int)
  /// The next request says how many records to pass over, counted from this number on.
  case offset(first: Int)

  /// What a page says about the page after it.
  struct Answer: Hashable {
    /// How many records it holds.
    var records: Int
    /// What it says about more to come; nil where the manifest names no such flag.
    var hasMore: Bool?
    /// The URL, cursor or last id found in it; nil where there is none.
    var token: String?
  }

  /// Why the position of the next page cannot be told.
  enum Fault: Error, Hashable {
    /// More is promised, but the answer does not say where.
    case moreWithoutToken
    /// More is promised after a page without records, from which no position follows.
    case moreAfterNothing
    /// The last record has no id to go on from.
    case recordWithoutID
    /// The position is not a number, or too large for one.
    case badPosition(String)
  }

  /// Whether a position is a URL that replaces the whole request.
  var replacesRequest: Bool {
    switch self {
    case .nextURL, .linkHeader: true
    case .none, .cursor, .lastID, .page, .offset: false
    }
  }

  /// The position of the first page, where it must be sent.
  var first: String? {
    switch self {
    case .page(let first), .offset(let first): String(first)
    case .cursor(_, let first): first
    case .none, .nextURL, .linkHeader, .lastID: nil
    }
  }

  /// The position of the page after an answer; nil after the last.
  ///
  /// A flag of the source decides where there is one. Without it, a source that gives positions
  /// ends by giving none, and one whose positions follow from the records ends with an empty page:
  /// a page shorter than asked for proves nothing, as sources cut the size that is asked for.
  func next(after answer: Answer, at position: String?) throws(Fault) -> String? {
    if answer.hasMore == false { return nil }
    let promised = answer.hasMore == true
    switch self {
    case .none, .nextURL, .linkHeader, .cursor:
      if let token = answer.token { return token }
      if promised { throw .moreWithoutToken }
      return nil
    case .lastID, .page, .offset:
      guard answer.records == 0 else { return try following(answer, at: position) }
      if promised { throw .moreAfterNothing }
      return nil
    }
  }

  private func following(_ answer: Answer, at position: String?) throws(Fault) -> String {
    if case .lastID = self {
      guard let id = answer.token else { throw .recordWithoutID }
      return id
    }
    var step = 1
    if case .offset = self { step = answer.records }
    let text = position ?? first ?? ""
    guard let number = Int(text), case (let next, false) = number.addingReportingOverflow(step)
    else { throw .badPosition(text) }
    return String(next)
  }
}
