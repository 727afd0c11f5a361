import Foundation
import Glibc
import Postgres

/// A PostgreSQL of the test process's own, on a Unix socket, without fsync; gone when the process is.
///
/// A shell script starts it and then reads its standard input, a pipe whose other end only this
/// process holds: however this process ends, the script wakes up, stops the server and removes it.
struct TestServer: Sendable {
  let socketDirectory: String

  static let shared = TestServer()

  /// Where the server listens, as a connection string.
  func conninfo(database: String = "postgres") -> String {
    "host=\(socketDirectory) user=postgres dbname=\(database)"
  }

  var settings: ConnectionSettings { ConnectionSettings(conninfo()) }

  func connect() async throws -> Connection { try await .connect(settings) }

  private init() {
    socketDirectory = "/tmp/bfpg-\(getpid())"
    let (output, status) = Self.run(Self.script, socketDirectory)
    precondition(status, "the test server did not start: \(output)")
  }

  private static let script = #"""
    dir=$1
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
    mkdir -m 755 "$dir"
    if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
    cd "$dir"
    {
      as "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync &&
      as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-k $dir -c listen_addresses= -c fsync=off -c max_connections=200 -c wal_level=minimal -c max_wal_senders=0" start
    } > "$dir/start" 2>&1 < /dev/null && echo ready || cat "$dir/start"
    exec 1>&- 2>&-
    cat > /dev/null
    as "$bin/pg_ctl" -D "$dir/data" -m immediate stop < /dev/null > /dev/null 2>&1
    cd /
    rm -rf "$dir"
    """#

  /// Starts the script and waits for its word; its standard input stays open with this process.
  private static func run(_ script: String, _ argument: String) -> (String, Bool) {
    var (input, output): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard pipe(&input) == 0, pipe(&output) == 0 else { return ("pipe", false) }
    for descriptor in input + output { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input[0], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    // A process group of its own: an interrupt from the terminal must not end it before its work.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let words = ["/bin/sh", "-c", script, "sh", argument]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    guard posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments + [nil], nil) == 0
    else { return ("spawn", false) }
    close(input[0])
    close(output[1])
    let text = FileHandle(fileDescriptor: output[0], closeOnDealloc: true).readDataToEndOfFile()
    let answer = String(decoding: text, as: UTF8.self)
    return (answer, answer == "ready\n")
  }
}
