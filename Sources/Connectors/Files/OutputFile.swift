import Glibc

/// A file that is written from its beginning, closed with the last reference to it.
final class OutputFile: Sendable {
  private let descriptor: Int32
  private let folder: String

  /// Makes the file, or empties it; messages name the folder in which it lies.
  init(_ path: String, in folder: String) throws(FileFault) {
    self.folder = folder
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cacheUnusable(path: folder, reason: systemMessage(errno))
    }
  }

  deinit { close(descriptor) }

  /// Writes behind what was written.
  func append(_ bytes: [UInt8]) throws(FileFault) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        throw .cacheUnusable(path: folder, reason: systemMessage(errno))
      }
      rest = rest.dropFirst(written)
    }
  }
}
