import Glibc

/// Files that are read and written whole.
enum SmallFile {
  /// What stands in a file from `offset` on; nil if it cannot be read.
  static func text(at path: String, from offset: Int = 0) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    if offset > 0, lseek(file, offset, SEEK_SET) < 0 { return nil }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0 { return nil }
      if count == 0 { return String(decoding: all, as: UTF8.self) }
      all += chunk.prefix(count)
    }
  }

  static func write(_ text: String, to path: String, mode: mode_t) throws(ClusterError) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
    guard file >= 0 else { throw .system(path) }
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw .system(path) }
  }

  static func size(of path: String) -> Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
  }

  static func exists(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0
  }

  /// The number of the user to whom a file belongs; nil if it is not there.
  static func owner(of path: String) -> UInt32? {
    var facts = stat()
    return lstat(path, &facts) == 0 ? facts.st_uid : nil
  }
}

extension ClusterError {
  /// The failure of the system call that was just made on `path`.
  static func system(_ path: String) -> ClusterError {
    let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
    return .fileSystem(path: path, reason: reason)
  }
}
