import Glibc

/// The processes that a program left behind in sessions of their own, where its end did not reach
/// them: they have the run's folder as their home.
struct Stragglers: Sendable {
  /// Each round may find what the one before it was too early for.
  private static let rounds = 8

  private let marks: [[UInt8]]

  /// What a run left behind that had this folder.
  init(of folder: String) {
    marks = ["HOME=\(folder)", "TMPDIR=\(folder)"].map { Array($0.utf8) }
  }

  /// Kills them.
  func end() async {
    for _ in 0..<Self.rounds {
      let left = found()
      if left.isEmpty { return }
      for process in left { kill(process, SIGKILL) }
      await Task.yield()
    }
  }

  private func found() -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var left: [pid_t] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let process = pid_t(name), isMarked(process) { left.append(process) }
    }
    return left
  }

  /// What cannot be looked at is another user's, and so no run of ours.
  private func isMarked(_ process: pid_t) -> Bool {
    let file = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(file, &bytes, bytes.count)
    let variables = bytes.prefix(max(0, count)).split(separator: 0)
    return variables.contains { variable in marks.contains { variable.elementsEqual($0) } }
  }
}
