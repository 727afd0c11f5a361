import Glibc
import Processes

/// One installation of PostgreSQL's server programs.
struct ServerPrograms: Sendable, Equatable {
  /// The folder that holds them.
  let folder: String
  let majorVersion: Int

  static let oldestVersion = 14
  /// Where Debian and its kin put them, each version in a folder of its own.
  private static let packages = "/usr/lib/postgresql"

  var initdb: String { "\(folder)/initdb" }
  var postgres: String { "\(folder)/postgres" }

  /// Every installation: first the one in PATH, then those of the distribution, newest first.
  static func installed(path: String?) async throws -> [ServerPrograms] {
    var found: [ServerPrograms] = []
    for folder in candidateFolders(path: path) {
      if let programs = try await examine(folder), !found.contains(programs) {
        found.append(programs)
      }
    }
    return found
  }

  /// The installation for a cluster made by `version`, or for a new one if that is nil.
  static func choose(
    from installed: [ServerPrograms], madeBy version: Int?, home: String
  ) throws(ClusterError) -> ServerPrograms {
    guard let first = installed.first else { throw .programsNotFound }
    guard let version else {
      guard first.majorVersion >= oldestVersion else {
        throw .programsTooOld(found: first.majorVersion, needed: oldestVersion)
      }
      return first
    }
    guard let fitting = installed.first(where: { $0.majorVersion == version }) else {
      throw .versionMismatch(
        home: home, made: version, installed: installed.map(\.majorVersion))
    }
    return fitting
  }

  /// The number in "postgres (PostgreSQL) 15.18 (Debian …)" or "… 17beta1".
  static func majorVersion(in text: String) -> Int? {
    text.firstMatch(of: /\(PostgreSQL\) (\d+)/).flatMap { Int($0.1) }
  }

  private static func candidateFolders(path: String?) -> [String] {
    let searched = Program.folders(ofPath: path).filter(holdsServer)
    let packaged = packagedVersions().map { "\(packages)/\($0)/bin" }.filter(holdsServer)
    return searched + packaged
  }

  private static func holdsServer(_ folder: String) -> Bool {
    ["initdb", "postgres"].allSatisfy { Program.find($0, in: [folder]) != nil }
  }

  private static func packagedVersions() -> [Int] {
    guard let folder = opendir(packages) else { return [] }
    defer { closedir(folder) }
    var versions: [Int] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let version = Int(name) { versions.append(version) }
    }
    return versions.sorted(by: >)
  }

  private static func examine(_ folder: String) async throws -> ServerPrograms? {
    let answer = try await Command("\(folder)/postgres", ["--version"]).runExpectingSuccess()
    return majorVersion(in: answer).map { ServerPrograms(folder: folder, majorVersion: $0) }
  }
}
