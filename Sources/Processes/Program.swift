import Glibc

/// Finds programs without a shell.
public enum Program {
  /// The folders that are searched where no PATH is set.
  public static let defaultFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]

  /// The folders named by the value of a PATH variable, in order; relative ones are left out.
  public static func folders(ofPath path: String?) -> [String] {
    guard let path else { return defaultFolders }
    return path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
  }

  /// The full path of the first executable file of this name; nil if no folder has one.
  public static func find(_ name: String, in folders: [String]) -> String? {
    folders.lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
  }

  static func isExecutable(_ path: String) -> Bool {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return false }
    return access(path, X_OK) == 0
  }
}
