import Domain
import JSON
import Outbound

/// Tells what an answer means: by the rules of the manifest, and where none is for it, by its status.
struct AnswerJudge: Sendable {
  /// What is done with an answer.
  enum Judgement: Hashable {
    /// It may hold a page.
    case page
    /// It is no page, for this reason.
    case failure(SourceFailure)
    /// There is nothing to be read.
    case empty
    /// There is nothing to be read for this parent.
    case skip
    /// The same page is asked for again, half as large.
    case shrinkPage
    /// The same page is asked for again with a new login.
    case refreshAuth
  }

  /// The source's name, as messages say it.
  var source: String
  /// The rules, the first that is for an answer counts.
  var rules: [ErrorRule]
  /// Whether a login that ran out can be made anew.
  var canRenewLogin = false

  /// What an answer means.
  ///
  /// `excerpt` is the beginning of its body as people may read it, without secrets.
  func judge(_ facts: AnswerFacts, excerpt: @autoclosure () -> String, now: Instant) -> Judgement {
    guard let rule = rules.first(where: { $0.matches(facts) }) else {
      if 200..<300 ~= facts.status { return .page }
      if facts.status == 401, canRenewLogin { return .refreshAuth }
      return .failure(failure(of: facts, excerpt: excerpt(), now: now))
    }
    let said = rule.message ?? words(facts.status, excerpt())
    let failure = { (kind: SourceFailure.Kind) in
      Judgement.failure(
        SourceFailure(
          kind, "\(source): \(said).",
          retryAfter: wait(facts, now: now, rule)))
    }
    switch rule.action {
    case .retry: return failure(.unavailable)
    case .rateLimited: return failure(.rateLimited)
    case .fail: return failure([401, 403].contains(facts.status) ? .unauthorized : .refused)
    case .split: return failure(.windowTooLarge)
    case .restart: return failure(.endless)
    case .skip: return .skip
    case .empty: return .empty
    case .shrinkPage: return .shrinkPage
    case .refreshAuth: return .refreshAuth
    }
  }

  private func wait(_ facts: AnswerFacts, now: Instant, _ rule: ErrorRule) -> Int64? {
    rule.wait?.read(facts, now: now)
      ?? facts.headers["Retry-After"].flatMap { RetryAfter.wait($0, now: now) }
  }

  private func words(_ status: Int, _ excerpt: String) -> String {
    "it answered \(status)" + (excerpt.isEmpty ? "" : ": \(excerpt)")
  }
}

// By the status alone.
extension AnswerJudge {
  private func failure(of facts: AnswerFacts, excerpt: String, now: Instant) -> SourceFailure {
    let wait = facts.headers["Retry-After"].flatMap { RetryAfter.wait($0, now: now) }
    let said = excerpt.isEmpty ? "" : ": \(excerpt)"
    let status = facts.status
    switch status {
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
