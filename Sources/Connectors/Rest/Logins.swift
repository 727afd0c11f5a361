import Domain
import Outbound
import Synchronization

/// The logins of this process: whoever reads the same source shares its token.
final class Logins: Sendable {
  private let client: HTTPClient
  private let secrets: SecretResolver
  private let now: @Sendable () -> Instant
  private let keepers = Mutex<[Key: TokenKeeper]>([:])

  private struct Key: Hashable {
    var source: String
    var grant: OAuthGrant
  }

  init(
    client: HTTPClient, secrets: SecretResolver, now: @escaping @Sendable () -> Instant
  ) {
    self.client = client
    self.secrets = secrets
    self.now = now
  }

  /// The login of a source, and what it shows where that never changes; throws `misconfigured` where
  /// a secret is not to be found.
  func login(
    of source: String, _ authentication: Authentication
  ) throws(SourceFailure) -> (Login, Credentials) {
    let credentials = try Credentials(authentication) { (reference) throws(SourceFailure) in
      try secrets.resolve(reference)
    }
    switch authentication {
    case .oauth(let grant):
      for reference in grant.references { _ = try secrets.resolve(reference) }
      return (.token(keeper(of: source, grant)), credentials)
    case .hmac(let signature):
      var signer = Login.Signer(secret: try secrets.resolve(signature.secret))
      if let key = signature.key { signer.key = try secrets.resolve(key) }
      return (.signature(signature, signer), credentials)
    case .none, .bearer, .basic, .header, .query:
      return (.fixed(credentials), credentials)
    }
  }

  private func keeper(of source: String, _ grant: OAuthGrant) -> TokenKeeper {
    keepers.withLock { keepers in
      let key = Key(source: source, grant: grant)
      if let known = keepers[key] { return known }
      let keeper = TokenKeeper(
        source: source, grant: grant, client: client, secrets: secrets, now: now)
      keepers[key] = keeper
      return keeper
    }
  }
}
