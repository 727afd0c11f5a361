import Glibc
import Processes

/// Puts a program into a sandbox of bubblewrap: its own processes, files of the system to read, one
/// folder to write, and no network unless it is shared.
struct Bubblewrap: Sendable {
  /// What every program needs to read.
  private static let system = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc", "/opt"]

  /// Where bubblewrap lies.
  let path: String

  /// The bubblewrap of this machine; nil where it is not installed.
  static func find() -> Bubblewrap? {
    Program.find("bwrap", in: Program.defaultFolders).map { Bubblewrap(path: $0) }
  }

  /// The arguments before the program's: `folder` can be written, `readable` be read.
  func arguments(folder: String, readable: [String], sharesNetwork: Bool) -> [String] {
    var words = ["--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
    if sharesNetwork { words.append("--share-net") }
    for path in Self.system { words += ["--ro-bind-try", path, path] }
    if sharesNetwork {
      // Where name resolution is kept on many systems.
      words += ["--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve"]
    }
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in readable { words += ["--ro-bind", path, path] }
    return words + ["--bind", folder, folder, "--chdir", folder, "--"]
  }

  /// Whether it works here as a user: the system may forbid it.
  func works(as user: String?) async -> Bool {
    var command = Command(
      path, ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--", "/bin/true"])
    command.user = user
    command.deadline = .seconds(10)
    do {
      return try await command.run(keeping: 4_096).status.isSuccess
    } catch {
      return false
    }
  }
}

/// Knows as whom bubblewrap works here; tried once for each user.
actor BubblewrapTrial {
  static let shared = BubblewrapTrial()

  private var outcomes: [String: Bool] = [:]

  /// Bubblewrap as it works for a user, or why it does not.
  func bubblewrap(for user: String?) async -> Result<Bubblewrap, ProcessProtection.Reason> {
    guard let found = Bubblewrap.find() else { return .failure("it is not installed") }
    let key = user ?? ""
    if outcomes[key] == nil { outcomes[key] = await found.works(as: user) }
    return outcomes[key] == true ? .success(found) : .failure("the system does not let it work")
  }
}

extension ProcessProtection {
  /// Why bubblewrap is not used.
  struct Reason: Error, ExpressibleByStringLiteral {
    let words: String

    init(stringLiteral words: String) {
      self.words = words
    }
  }
}

/// The files that this process has mapped, without which its executable would not run in a sandbox.
enum MappedFiles {
  static func paths() -> [String] {
    guard let file = fopen("/proc/self/maps", "r") else { return [] }
    defer { fclose(file) }
    var found: Set<String> = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0 {
      guard let text = line.map({ String(cString: $0) }), let slash = text.firstIndex(of: "/")
      else { continue }
      let path = String(text[slash...].dropLast())
      if path.contains(".so") || path.hasSuffix(executable ?? "\n") { found.insert(path) }
    }
    return found.sorted()
  }

  /// The path of the executable of this process.
  static let executable: String? = {
    guard let path = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }()
}
