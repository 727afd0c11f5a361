import Glibc
import Processes

/// Makes a cluster in a directory beside its place, and moves it there when it is whole: a run of
/// initdb that was killed leaves nothing that could be taken for a cluster.
struct ClusterMaker {
  let layout: ClusterLayout
  let user: ServerUser
  let programs: ServerPrograms
  let durability: ClusterConfiguration.Durability

  func make() async throws {
    try await removeLeftovers()
    try makeDirectory(layout.making)
    try await initialise()
    try makeDirectory(ClusterLayout.socketDirectory(in: layout.making))
    try await createDatabase()
    guard rename(layout.making, layout.cluster) == 0 else {
      throw ClusterError.system(layout.cluster)
    }
    try flush(directory: layout.home)
  }

  private func removeLeftovers() async throws {
    guard SmallFile.exists(layout.making) else { return }
    try await Command("rm", ["-rf", "--", layout.making]).runExpectingSuccess()
  }

  /// A directory that only the server's user may enter; the only kind of thing whose owner we set.
  private func makeDirectory(_ path: String) throws(ClusterError) {
    guard mkdir(path, 0o700) == 0 else { throw .system(path) }
    guard user.isRootsDelegate else { return }
    guard lchown(path, user.account.userID, user.account.groupID) == 0 else { throw .system(path) }
  }

  /// Runs initdb.
  ///
  /// Text sorts by code point, which in UTF-8 is the order of the bytes: the same on every machine
  /// and with every version of the C library. Whoever can enter the socket's directory is trusted,
  /// and nobody else can connect.
  private func initialise() async throws {
    var arguments = [
      "--pgdata", ClusterLayout.data(in: layout.making), "--username", ClusterLayout.user,
      "--encoding", "UTF8", "--locale", characterLocale, "--lc-collate", "C",
      "--auth-local", "trust", "--auth-host", "reject",
    ]
    if durability == .off { arguments.append("--no-sync") }
    var command = user.command(programs.initdb, arguments)
    command.endsWithParent = true
    try await command.runExpectingSuccess()
  }

  /// Works in single-user mode, so that no server is seen before the cluster stands in its place.
  private func createDatabase() async throws {
    let data = ClusterLayout.data(in: layout.making)
    var command = user.command(programs.postgres, ["--single", "-j", "-D", data, "template1"])
    command.input = .bytes(Array("CREATE DATABASE \(ClusterLayout.database)\n\n".utf8))
    command.endsWithParent = true
    let result = try await command.run()
    // An error in a statement does not change the exit code of this mode.
    guard result.status.isSuccess, !result.errors.text.contains("ERROR:") else {
      throw ProcessFailure.failed(
        program: programs.postgres, status: result.status, errors: result.errors.text)
    }
  }

  private var characterLocale: String {
    guard let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil) else { return "C" }
    freelocale(locale)
    return "C.UTF-8"
  }

  private func flush(directory: String) throws(ClusterError) {
    guard durability == .full else { return }
    let number = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw .system(directory) }
    defer { close(number) }
    guard fsync(number) == 0 else { throw .system(directory) }
  }
}
