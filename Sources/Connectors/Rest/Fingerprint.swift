/// A 64-bit hash (FNV-1a) that is the same in every process, for marks that outlive one.
struct Fingerprint: Hashable, Sendable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Takes in bytes.
  mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// The mark of a text.
  static func of(_ text: String) -> UInt64 {
    var fingerprint = Fingerprint()
    fingerprint.combine(text.utf8)
    return fingerprint.value
  }
}
