/// A SHA-256 digest: 32 bytes, held in place.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// The number of bytes of a digest.
  public static let byteCount = 32

  // Four words rather than an array, so that a digest per record costs no allocation.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// The digest that another place stored; nil unless there are 32 bytes.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    Swift.withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// The digest written as 64 hexadecimal digits; nil for anything else.
  public init?(hex: String) {
    guard let bytes = [UInt8](hex: hex) else { return nil }
    self.init(bytes: bytes)
  }

  init(filledBy fill: (UnsafeMutablePointer<UInt8>) -> Void) {
    Swift.withUnsafeMutableBytes(of: &words) { buffer in
      buffer.withMemoryRebound(to: UInt8.self) { bytes in
        if let first = bytes.baseAddress { fill(first) }
      }
    }
  }

  /// The 32 bytes.
  public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  /// The 64 lower-case hexadecimal digits.
  public var hex: String { withUnsafeBytes { hexadecimal($0) } }

  /// The hexadecimal digits.
  public var description: String { hex }

  /// The 32 bytes in place, for as long as the body runs.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try Swift.withUnsafeBytes(of: words, body)
  }

  /// Equal when all bytes are; not in constant time, see `equalsInConstantTime`.
  public static func == (left: Digest, right: Digest) -> Bool {
    left.words == right.words
  }

  /// Hashes the first bytes, which are as random as any.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
  }
}
