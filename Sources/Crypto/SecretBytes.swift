import CLibCrypto

/// The only source of randomness for secrets: as many bytes of libcrypto's generator as asked for.
public func secretBytes(count: Int) -> [UInt8] {
  precondition(count >= 0, "a negative number of bytes")
  return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    // Without entropy there is no secret to hand out and nothing that a caller could do instead.
    precondition(
      RAND_priv_bytes(buffer.baseAddress, Int32(count)) == 1, "libcrypto has no entropy")
    filled = count
  }
}

/// Whether two secrets are the same, in a time that depends on their lengths alone.
public func equalsInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// Whether two digests are the same, in constant time.
public func equalsInConstantTime(_ left: Digest, _ right: Digest) -> Bool {
  left.withUnsafeBytes { left in
    right.withUnsafeBytes { right in
      CRYPTO_memcmp(left.baseAddress, right.baseAddress, Digest.byteCount) == 0
    }
  }
}
