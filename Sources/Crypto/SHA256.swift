import CLibCrypto

/// SHA-256, of bytes at once or piece by piece.
public struct SHA256: Sendable {
  private var context = SHA256_CTX()

  /// A hash of nothing yet.
  public init() {
    SHA256_Init(&context)
  }

  /// Takes the next piece.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  /// Takes the next piece.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of all pieces so far; more may follow.
  public func digest() -> Digest {
    // On a copy, because finishing a context spends it.
    var context = context
    return Digest { SHA256_Final($0, &context) }
  }

  /// The digest of these bytes, without a heap allocation.
  public static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
    var hash = SHA256()
    hash.update(bytes)
    return Digest { SHA256_Final($0, &hash.context) }
  }

  /// The digest of these bytes.
  public static func digest(of bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { digest(of: $0) }
  }

  /// The digest of a text's UTF-8.
  public static func digest(of text: String) -> Digest {
    digest(of: Array(text.utf8))
  }

  /// The keyed digest (HMAC) of these bytes, by which a receiver knows the sender.
  public static func authenticationCode(of bytes: [UInt8], key: [UInt8]) -> Digest {
    Digest { code in
      // A null key would mean "the key of the last call", so an empty one needs an address as well.
      let key = key.isEmpty ? [0] : key
      // It fails only where SHA-256 itself is missing from the library.
      let done = HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, code, nil)
      precondition(done != nil, "libcrypto offers no HMAC-SHA256")
    }
  }
}
