import Glibc

/// A lock on a file that the kernel gives back when the last process that holds it is gone.
///
/// It belongs to the open file: two openings in one process exclude each other too.
final class FileLock: Sendable {
  let number: Int32
  private let path: String

  init(path: String, flags: Int32 = O_RDWR) throws(ClusterError) {
    number = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    self.path = path
    guard number >= 0 else { throw .system(path) }
  }

  deinit {
    if number >= 0 { close(number) }
  }

  /// Takes the lock for us alone, giving up a shared one that we hold; false if others hold it.
  func takeExclusive() throws(ClusterError) -> Bool {
    try take(LOCK_EX)
  }

  /// Takes the lock together with others; false if one holds it alone.
  func takeShared() throws(ClusterError) -> Bool {
    try take(LOCK_SH)
  }

  func release() {
    flock(number, LOCK_UN)
  }

  private func take(_ kind: Int32) throws(ClusterError) -> Bool {
    while flock(number, kind | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return false
      default: throw .system(path)
      }
    }
    return true
  }
}
