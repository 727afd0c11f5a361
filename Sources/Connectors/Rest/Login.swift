import Domain
import Outbound

/// How a connector shows who asks.
enum Login: Sendable {
  /// The same with every request.
  case fixed(Credentials)
  /// A token, which ends and is then got anew.
  case token(TokenKeeper)
  /// A signature over every request.
  case signature(RequestSignature, Signer)

  /// The secrets that requests are signed with.
  struct Signer: Sendable {
    var secret: String
    var key: String?
  }

  /// What is shown now, and the number of the token, where there is one.
  func credentials(
    insteadOf refused: Int?
  ) async throws(SourceFailure) -> (Credentials, token: Int?) {
    switch self {
    case .fixed(let credentials): return (credentials, nil)
    case .token(let keeper):
      let token = try await keeper.token(insteadOf: refused)
      return (token.credentials, token.number)
    case .signature(_, let signer):
      return (Credentials(hiding: [signer.secret, signer.key].compactMap(\.self)), nil)
    }
  }

  /// The request with its signature, where requests are signed.
  func signed(_ request: OutboundRequest, now: Instant) -> OutboundRequest {
    guard case .signature(let signature, let signer) = self else { return request }
    var signed = request
    let headers = signature.headers(
      for: request, secret: signer.secret, key: signer.key, now: now)
    for header in headers { signed.headers[header.name] = header.value }
    return signed
  }

  /// Whether a refused login can be made anew.
  var canRenew: Bool { if case .token = self { true } else { false } }
}
