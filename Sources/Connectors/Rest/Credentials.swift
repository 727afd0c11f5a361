import Crypto
import Domain
import Outbound

/// What is added to every request to show who asks: the secrets themselves.
struct Credentials: Sendable {
  /// Headers to send.
  private(set) var headers = HeaderFields()
  /// An item to send in the query.
  private(set) var query: (name: String, value: String)?
  /// Takes them out of every text that people will read.
  let redactor: Redactor

  /// A token by its kind, mostly `Bearer`, and the secrets that it was got by.
  init(token: String, kind: String, gotBy secrets: [String]) {
    headers["Authorization"] = "\(kind) \(token)"
    redactor = Redactor(secrets + [token])
  }

  /// Nothing to send, but secrets that nobody may read.
  init(hiding secrets: [String]) {
    redactor = Redactor(secrets)
  }

  /// The credentials that the references lead to; none where they are got or made later.
  init<Failure: Error>(
    _ authentication: Authentication,
    resolving resolve: (SecretReference) throws(Failure) -> String
  ) throws(Failure) {
    var secrets: [String] = []
    switch authentication {
    case .none, .oauth, .hmac: break
    case .bearer(let reference):
      secrets = [try resolve(reference)]
      headers["Authorization"] = "Bearer \(secrets[0])"
    case .basic(let user, let password):
      let name: String
      switch user {
      case .plain(let text): name = text
      case .secret(let reference):
        name = try resolve(reference)
        secrets.append(name)
      }
      let word = try password.map(resolve) ?? ""
      let pair = Base64.standard.encode(Array("\(name):\(word)".utf8))
      secrets += [word, pair]
      headers["Authorization"] = "Basic \(pair)"
    case .header(let name, let key):
      secrets = [try resolve(key.secret)]
      headers[name] = key.prefix + secrets[0] + key.suffix
    case .query(let name, let key):
      secrets = [try resolve(key.secret)]
      query = (name, key.prefix + secrets[0] + key.suffix)
    }
    redactor = Redactor(secrets)
  }
}
