import Domain
import Glibc

/// The file that keeps a rotating refresh token: read, used and replaced by one process at a time.
///
/// A new token is written beside the old one, brought to the disk and moved there, so that the file
/// always holds one whole token, for its owner's eyes only.
struct TokenFile: Sendable {
  /// The file.
  let path: String

  /// The lock that keeps others from the file until it is released.
  final class Lock: Sendable {
    private let descriptor: Int32

    fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
  }

  /// Takes the lock, if nobody else has it.
  func tryLock() throws(SourceFailure) -> Lock? {
    let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot be locked") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    return Lock(descriptor: descriptor)
  }

  /// Whether a token can be written where the old one is.
  func check() throws(SourceFailure) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard access(path, R_OK | W_OK) == 0, access(folder.isEmpty ? "/" : folder, W_OK) == 0 else {
      throw failure("and its folder must be writable")
    }
  }

  /// Replaces the token.
  func write(_ token: String) throws(SourceFailure) {
    let draft = path + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("cannot be written") }
    defer { close(descriptor) }
    let bytes = Array((token + "\n").utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
      rename(draft, path) == 0
    else { throw failure("cannot be written") }
  }

  private func failure(_ what: String) -> SourceFailure {
    SourceFailure(
      .misconfigured,
      "The file of the refresh token, \(path), \(what): every use of the token gives a new one, which "
        + "must be kept.")
  }
}
