import Glibc

/// Small files of people: documents that are applied, tokens.
enum TextFile {
  /// No document that a person writes is longer, in bytes.
  private static let limit = 16 << 20

  /// The bytes of a file, or of standard input where the path is `-`; anything wrong with the file is
  /// wrong usage.
  static func bytes(of path: String) throws(Failure) -> [UInt8] {
    guard path != "-" else { return try bytes(from: STDIN_FILENO, path: "standard input") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw unreadable(path) }
    guard information.st_mode & S_IFMT != S_IFDIR else {
      throw Failure(.usage, "\(path) is a directory; name a file.")
    }
    return try bytes(from: descriptor, path: path)
  }

  /// The text of a file.
  static func content(of path: String) throws(Failure) -> String {
    guard let text = String(validating: try bytes(of: path), as: UTF8.self) else {
      throw Failure(.usage, "\(path) is not text in UTF-8.")
    }
    return text
  }

  /// Makes a file that its owner alone can read.
  static func create(_ path: String, content: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    let bytes = Array(content.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw unreadable(path) }
  }

  private static func bytes(from descriptor: Int32, path: String) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw Failure(.usage, "\(path) is longer than 16 MiB, which no document is.")
      }
    }
  }

  private static func unreadable(_ path: String) -> Failure {
    let reason = String(cString: strerror(errno))
    return Failure(.usage, "\(path) cannot be used: \(reason).")
  }
}
