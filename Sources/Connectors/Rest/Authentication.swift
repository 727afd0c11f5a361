import Crypto
import Domain
import Outbound

/// How a source is shown who asks; secrets stand only as references.
enum Authentication: Hashable, Sendable {
  /// A user's name: plain, or a secret itself.
  enum User: Hashable, Sendable {
    case plain(String)
    case secret(SecretReference)
  }

  /// Nobody need be told.
  case none
  /// `Authorization: Bearer …`.
  case bearer(SecretReference)
  /// `Authorization: Basic …`; some sources take a key as the user and no password.
  case basic(user: User, password: SecretReference?)
  /// A key in a header.
  case header(name: String, SecretReference)
  /// A key in the query.
  case query(name: String, SecretReference)

  /// Every secret that is referred to.
  var references: [SecretReference] {
    switch self {
    case .none: []
    case .bearer(let reference), .header(_, let reference), .query(_, let reference): [reference]
    case .basic(.plain, let password): [password].compactMap(\.self)
    case .basic(.secret(let user), let password): [user, password].compactMap(\.self)
    }
  }
}

/// What is added to every request to show who asks: the secrets themselves.
struct Credentials: Sendable {
  /// Headers to send.
  private(set) var headers = HeaderFields()
  /// An item to send in the query.
  private(set) var query: (name: String, value: String)?
  /// Takes them out of every text that people will read.
  let redactor: Redactor

  /// The credentials that the references lead to.
  init<Failure: Error>(
    _ authentication: Authentication,
    resolving resolve: (SecretReference) throws(Failure) -> String
  ) throws(Failure) {
    var secrets: [String] = []
    switch authentication {
    case .none: break
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
    case .header(let name, let reference):
      secrets = [try resolve(reference)]
      headers[name] = secrets[0]
    case .query(let name, let reference):
      secrets = [try resolve(reference)]
      query = (name, secrets[0])
    }
    redactor = Redactor(secrets)
  }
}
