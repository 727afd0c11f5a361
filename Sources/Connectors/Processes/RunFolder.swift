import Domain
import Foundation
import Glibc
import Processes

/// A private folder of one run of a program: its configuration, catalogue and state, its home and
/// its room for files; removed with all that it holds when the run is over.
final class RunFolder: Sendable {
  let path: String
  private let owner: Account?

  /// A new folder below another; it belongs to `owner`, or to ourselves.
  init(below parent: String, owner: Account?) throws(SourceFailure) {
    var template = Array("\(parent)/backfill-run-\(getpid())-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Self.failure(parent) }
    path = String(cString: made)
    self.owner = owner
    if let owner, chown(path, owner.userID, owner.groupID) != 0 { throw Self.failure(path) }
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      // What the program left unremovable goes when the next process looks for remains.
      return
    }
  }

  /// Writes a file that only the program and we may read, and returns its path.
  func write(_ name: String, _ text: String) throws(SourceFailure) -> String {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure(file) }
    defer { close(descriptor) }
    if let owner, fchown(descriptor, owner.userID, owner.groupID) != 0 { throw Self.failure(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(file) }
      rest = rest.dropFirst(count)
    }
    return file
  }

  private static func failure(_ path: String) -> SourceFailure {
    SourceFailure(.unavailable, "\(path) cannot be written: \(systemMessage(errno)).")
  }
}

extension RunFolder {
  /// The age, in seconds, from which on what has no owner is taken for left behind: a process that
  /// shares only the folder with us cannot be seen.
  private static let longestUnseen = 86_400

  /// Removes the folders of processes that died without doing so.
  func removeRemains(below parent: String) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: parent)
    } catch {
      return
    }
    let now = Self.changed(path)
    for name in names where name.hasPrefix("backfill-run-") {
      let remains = "\(parent)/\(name)"
      guard let owner = name.dropFirst(13).split(separator: "-").first.flatMap({ pid_t($0) }),
        kill(owner, 0) != 0, errno == ESRCH, now - Self.changed(remains) > Self.longestUnseen
      else { continue }
      // Another's folder stays: we may not.
      do { try FileManager.default.removeItem(atPath: remains) } catch { continue }
    }
  }

  /// When a folder was changed last, in seconds since 1970; now for one that is new.
  private static func changed(_ path: String) -> Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? facts.st_mtim.tv_sec : 0
  }
}
