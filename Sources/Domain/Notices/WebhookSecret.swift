import Crypto

/// What the signatures of a webhook are made with (Standard Webhooks): one key, or several while one
/// takes over from another.
public struct WebhookSecret: Sendable {
  private let keys: [[UInt8]]

  /// The secret of a text: `whsec_` and the base64 of 24 to 64 bytes; several with a space between.
  ///
  /// Nil for any other text, so that nothing is ever sent with a guessed signature.
  public init?(_ text: String) {
    let keys = text.split(separator: " ").map { Self.key($0) }
    guard !keys.isEmpty, keys.allSatisfy({ $0 != nil }) else { return nil }
    self.keys = keys.compactMap(\.self)
  }

  /// The value of `webhook-signature` for a message: for each key `v1,` and the HMAC-SHA256 over
  /// `id.timestamp.body`.
  ///
  /// The timestamp is the attempt's, in seconds since 1970.
  public func signature(id: NoticeID, timestamp: Int64, body: [UInt8]) -> String {
    let signed = Array("\(id).\(timestamp).".utf8) + body
    return keys.map { key in
      "v1," + Base64.standard.encode(SHA256.authenticationCode(of: signed, key: key).bytes)
    }.joined(separator: " ")
  }

  private static func key(_ word: Substring) -> [UInt8]? {
    guard word.hasPrefix("whsec_"), let key = Base64.standard.decode(String(word.dropFirst(6))),
      24...64 ~= key.count
    else { return nil }
    return key
  }
}
