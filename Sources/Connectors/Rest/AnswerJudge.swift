import Domain

/// Tells from an answer's status and headers whether it can hold a page, and if not, why.
struct AnswerJudge: Sendable {
  /// What of an answer is judged.
  struct Answer: Hashable {
    /// The status.
    var status: Int
    /// The `Retry-After` header, where there is one.
    var retryAfter: String?
    /// The beginning of the body as people may read it; holds no secret.
    var excerpt: String
  }

  /// The source's name, as messages say it.
  var source: String

  /// Why the answer holds no page; nil where it may.
  func failure(of answer: Answer, now: Instant) -> SourceFailure? {
    let wait = answer.retryAfter.flatMap { RetryAfter.wait($0, now: now) }
    let said = answer.excerpt.isEmpty ? "" : ": \(answer.excerpt)"
    let status = answer.status
    switch status {
    case 200..<300:
      return nil
    case 429:
      return SourceFailure(
        .rateLimited, "\(source) asks for patience (429)\(waiting(wait)).", retryAfter: wait)
    case 401, 403:
      return SourceFailure(
        .unauthorized,
        "\(source) refuses the credentials (\(status))\(said); check the secret and its rights.")
    case 408:
      return SourceFailure(
        .timeout, "\(source) gave up waiting for the request (408).", retryAfter: wait)
    case 425, 500...:
      return SourceFailure(
        .unavailable, "\(source) answers that it cannot serve now (\(status))\(said).",
        retryAfter: wait)
    case 300..<400:
      return SourceFailure(
        .refused,
        "\(source) leads elsewhere (\(status)), which is not followed; correct the address.")
    default:
      return SourceFailure(.refused, "\(source) refuses what was asked (\(status))\(said).")
    }
  }

  private func waiting(_ wait: Int64?) -> String {
    guard let wait else { return "" }
    return " for \((wait + 999_999) / 1_000_000) s"
  }
}
