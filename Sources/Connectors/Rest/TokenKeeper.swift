import Crypto
import Domain
import JSON
import Outbound

/// Gets the token of one login and keeps it while it is good; all who need it share it.
actor TokenKeeper {
  /// A token is asked for anew so many microseconds before it ends: a minute.
  private static let margin: Int64 = 60_000_000
  /// How long a token is taken to be good where the answer does not say, in microseconds: 5 minutes.
  private static let standardLife: Int64 = 300_000_000

  private let source: String
  private let grant: OAuthGrant
  private let client: HTTPClient
  private let secrets: SecretResolver
  private let now: @Sendable () -> Instant
  private var token: Token?
  private var renewal: Task<Result<Token, SourceFailure>, Never>?

  /// What is shown with every request, and until when; its number tells it from those before.
  struct Token: Sendable {
    var credentials: Credentials
    var number: Int
    var end: Instant
  }

  init(
    source: String, grant: OAuthGrant, client: HTTPClient, secrets: SecretResolver,
    now: @escaping @Sendable () -> Instant
  ) {
    self.source = source
    self.grant = grant
    self.client = client
    self.secrets = secrets
    self.now = now
  }

  /// A good token; a new one where the one with this number was refused.
  func token(insteadOf refused: Int?) async throws(SourceFailure) -> Token {
    if let token, token.number != refused, now() < token.end { return token }
    let asking = renewal ?? Task { await renewed() }
    renewal = asking
    let result = await asking.value
    renewal = nil
    token = try result.get()
    return try result.get()
  }

  private func renewed() async -> Result<Token, SourceFailure> {
    do throws(SourceFailure) {
      return .success(try await renew())
    } catch {
      return .failure(error)
    }
  }

  private func renew() async throws(SourceFailure) -> Token {
    guard case .refreshToken(.file(let path), rotates: true) = grant.kind else {
      return try await ask(keeping: nil)
    }
    let file = TokenFile(path: path)
    try file.check()
    let lock = try await locked(file)
    defer { withExtendedLifetime(lock) {} }
    return try await ask(keeping: file)
  }

  /// Waits until no other process uses the refresh token: it would be ended under its hands.
  private func locked(_ file: TokenFile) async throws(SourceFailure) -> TokenFile.Lock {
    for _ in 0..<300 {
      if let lock = try file.tryLock() { return lock }
      do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
    }
    throw SourceFailure(
      .unavailable, "Another process has been using the refresh token of \(source) for long.")
  }
}

// Asking
extension TokenKeeper {
  private func ask(keeping file: TokenFile?) async throws(SourceFailure) -> Token {
    var hidden: [String] = []
    func resolve(_ reference: SecretReference) throws(SourceFailure) -> String {
      let secret = try secrets.resolve(reference)
      hidden.append(secret)
      return secret
    }
    var items = grant.parameters.map { (name: $0.name, value: $0.value) }
    switch grant.kind {
    case .clientCredentials: items.append(("grant_type", "client_credentials"))
    case .refreshToken(let reference, _):
      items.append(("grant_type", "refresh_token"))
      items.append(("refresh_token", try resolve(reference)))
    }
    let name: String
    switch grant.clientID {
    case .plain(let text): name = text
    case .secret(let reference): name = try resolve(reference)
    }
    let word = try grant.clientSecret.map { (reference) throws(SourceFailure) in
      try resolve(reference)
    }
    var headers: HeaderFields = [
      "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded",
    ]
    switch grant.clientPlace {
    case .basic:
      let pair = Base64.standard.encode(
        Array("\(percentEncoded(name)):\(percentEncoded(word ?? ""))".utf8))
      hidden.append(pair)
      headers["Authorization"] = "Basic \(pair)"
    case .body:
      items.append(("client_id", name))
      if let word { items.append(("client_secret", word)) }
    }
    let body = items.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
      .joined(separator: "&")
    let request = OutboundRequest(.post, grant.url, headers: headers, body: Array(body.utf8))
    let response = try await send(request, Redactor(hidden))
    return try token(in: response, hiding: hidden, keeping: file)
  }

  private func send(
    _ request: OutboundRequest, _ redactor: Redactor
  ) async throws(SourceFailure) -> OutboundResponse {
    let response: OutboundResponse
    do throws(OutboundError) {
      response = try await client.send(request)
    } catch {
      throw SourceFailure(error)
    }
    if 200..<300 ~= response.status { return response }
    // 400 is how a login is refused here (5.2), and asking again does not help.
    let excerpt = redactor.excerpt(of: response.body)
    let said = excerpt.isEmpty ? "" : ": \(excerpt)"
    let wait = response.headers["Retry-After"].flatMap { RetryAfter.wait($0, now: now()) }
    switch response.status {
    case 429:
      throw SourceFailure(
        .rateLimited, "The login of \(source) asks for patience (429).", retryAfter: wait)
    case 500...:
      throw SourceFailure(
        .unavailable, "The login of \(source) cannot be served now (\(response.status))\(said).",
        retryAfter: wait)
    default:
      throw SourceFailure(
        .unauthorized,
        "The login of \(source) is refused (\(response.status))\(said); check its client and secrets."
      )
    }
  }

  private func token(
    in response: OutboundResponse, hiding secrets: [String], keeping file: TokenFile?
  ) throws(SourceFailure) -> Token {
    let answer: JSONValue
    do throws(JSONError) {
      answer = try JSONValue.parse(response.body)
    } catch {
      throw SourceFailure(.invalidPage, "The login of \(source) gave an answer that is no JSON.")
    }
    let next = answer["refresh_token"]?.string
    // Kept before it is used: with the next use of either, the old one ends.
    if let file, let next, !next.isEmpty, Self.isSendable(next) { try file.write(next) }
    guard let text = answer["access_token"]?.string, !text.isEmpty, Self.isSendable(text) else {
      throw SourceFailure(.invalidPage, "The login of \(source) gave an answer without a token.")
    }
    let kind = answer["token_type"]?.string ?? "Bearer"
    let life = answer["expires_in"]?.plainText.flatMap { Int64($0) }
      .map { min(max($0, 0), 31_536_000) * 1_000_000 }
    let number = (token?.number ?? 0) + 1
    return Token(
      credentials: Credentials(
        token: text, kind: kind.lowercased() == "bearer" ? "Bearer" : kind,
        gotBy: secrets + [next].compactMap(\.self)),
      number: number,
      end: now().adding(microseconds: max((life ?? Self.standardLife) - Self.margin, 0)))
  }

  private static func isSendable(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
