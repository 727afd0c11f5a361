/// How the body of an answer is packed, where that is not the transfer's business but the file's.
public enum Packing: String, CaseIterable, Sendable {
  /// One file by gzip.
  case gzip
  /// A zip archive; files in it may be packed by gzip in turn.
  case zip

  /// Why packed bytes were not unpacked.
  public enum Fault: Error, Hashable, Sendable {
    /// They are broken, cut off, or packed in a way that is not read.
    case malformed
    /// They would be larger than allowed.
    case tooLarge
  }

  /// The files that were packed, in their order; all together at most `limit` bytes.
  public func unpack(_ bytes: [UInt8], limit: Int) throws(Fault) -> [[UInt8]] {
    switch self {
    case .gzip: return [try Self.gunzip(bytes, limit: limit)]
    case .zip:
      var left = limit
      var files: [[UInt8]] = []
      for entry in try ZipArchive(bytes).entries {
        var file = try ZipArchive.content(of: entry, in: bytes, limit: left)
        if file.starts(with: [0x1F, 0x8B]) { file = try Self.gunzip(file, limit: left) }
        left -= file.count
        files.append(file)
      }
      return files
    }
  }

  private static func gunzip(_ bytes: [UInt8], limit: Int) throws(Fault) -> [UInt8] {
    do throws(Gzip.Fault) {
      return try Gzip.unpack(bytes, limit: limit)
    } catch {
      throw error == .tooLarge ? .tooLarge : .malformed
    }
  }
}
