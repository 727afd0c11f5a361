import Glibc

/// The server of a private cluster, as its process file and the system's process table show it.
struct Postmaster: Sendable, Equatable {
  let id: Int32
  let isReady: Bool

  /// The running server of `layout`; nil if there is none.
  ///
  /// After a crash of the machine the file may name a process that is something else by now, so the
  /// process must be one of the cluster's owner and stand in the data directory.
  static func running(in layout: ClusterLayout) -> Postmaster? {
    guard let named = named(in: layout), stands(named.id, in: layout) else { return nil }
    return named
  }

  /// The server that the process file names, dead or alive.
  static func named(in layout: ClusterLayout) -> Postmaster? {
    SmallFile.text(at: layout.processFile).flatMap(parse)
  }

  /// The first line is the number of the process, the eighth its status; the latter is missing at
  /// the very beginning.
  static func parse(_ text: String) -> Postmaster? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let id = Int32(first), id > 0 else { return nil }
    let status = lines.count > 7 ? lines[7].prefix { $0 != " " } : ""
    return Postmaster(id: id, isReady: status == "ready")
  }

  /// Lets the server roll back what is open, write everything out and end.
  func stop() {
    kill(id, SIGINT)
  }

  private static func stands(_ process: Int32, in layout: ClusterLayout) -> Bool {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/\(process)/cwd", &path, path.count)
    guard count > 0, let data = realpath(layout.data, nil) else { return false }
    defer { free(data) }
    let directory = String(decoding: path.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    return directory == String(cString: data)
      && SmallFile.owner(of: "/proc/\(process)") == SmallFile.owner(of: layout.cluster)
  }
}
