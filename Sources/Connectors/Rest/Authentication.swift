import Domain

/// How a source is shown who asks; secrets stand only as references.
enum Authentication: Hashable, Sendable {
  /// A user's name: plain, or a secret itself.
  enum User: Hashable, Sendable {
    case plain(String)
    case secret(SecretReference)
  }

  /// A key, and the words around it: `Klaviyo-API-Key {key}`.
  struct Key: Hashable, Sendable {
    var secret: SecretReference
    var prefix = ""
    var suffix = ""
  }

  /// Nobody need be told.
  case none
  /// `Authorization: Bearer …`.
  case bearer(SecretReference)
  /// `Authorization: Basic …`; some sources take a key as the user and no password.
  case basic(user: User, password: SecretReference?)
  /// A key in a header.
  case header(name: String, Key)
  /// A key in the query.
  case query(name: String, Key)
  /// A token that is asked for first, by OAuth 2.
  case oauth(OAuthGrant)
  /// A signature over every request.
  case hmac(RequestSignature)

  /// Every secret that is referred to.
  var references: [SecretReference] {
    switch self {
    case .none: []
    case .bearer(let reference): [reference]
    case .header(_, let key), .query(_, let key): [key.secret]
    case .basic(.plain, let password): [password].compactMap(\.self)
    case .basic(.secret(let user), let password): [user, password].compactMap(\.self)
    case .oauth(let grant): grant.references
    case .hmac(let signature): [signature.key, signature.secret].compactMap(\.self)
    }
  }
}
