import Domain
import Outbound

/// How a token is asked for by OAuth 2 (RFC 6749).
struct OAuthGrant: Hashable, Sendable {
  /// What the token is asked for with.
  enum Kind: Hashable, Sendable {
    /// The client's own secret (4.4).
    case clientCredentials
    /// A token that a person once allowed the client (6).
    ///
    /// Where it `rotates`, every use gives a new one and ends the old; the new one is written into
    /// the file that the reference names, before anything is asked with it.
    case refreshToken(SecretReference, rotates: Bool)
  }

  /// Where the client's secret goes.
  enum ClientPlace: String, CaseIterable, Sendable {
    /// Into the header, as user and password.
    case basic
    /// Into the body.
    case body
  }

  /// What the token is asked for with.
  var kind: Kind
  /// Where it is asked for.
  var url: URLReference
  /// The client's name.
  var clientID: Authentication.User
  /// The client's secret; nil for a client that has none.
  var clientSecret: SecretReference?
  /// Where the client's secret goes.
  var clientPlace: ClientPlace
  /// What else the body of the request holds, such as a scope.
  var parameters: [Parameter]

  /// A part of the body.
  struct Parameter: Hashable, Sendable {
    var name: String
    var value: String
  }

  /// Every secret that is referred to.
  var references: [SecretReference] {
    var references = [clientSecret].compactMap(\.self)
    if case .secret(let user) = clientID { references.append(user) }
    if case .refreshToken(let token, _) = kind { references.append(token) }
    return references
  }
}
