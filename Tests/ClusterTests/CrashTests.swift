import Glibc
import Processes
import Testing

@testable import Cluster

@Suite struct CrashTests {
  @Test("a server that was killed is started again, with everything that was committed")
  func killedServer() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      var durable = configuration(home)
      durable.durability = .full
      let cluster = try await Cluster.open(durable)
      try await query("create table kept as select 42 as n", on: cluster.connectionString)
      let server = try #require(Postmaster.running(in: layout))
      kill(server.id, SIGKILL)
      try await eventually { Postmaster.running(in: layout) == nil }

      try await cluster.revive()
      #expect(Postmaster.running(in: layout) != server)
      #expect(try await query("select n from kept", on: cluster.connectionString) == "42")
      try await cluster.close()
    }
  }

  @Test("a server killed while a backend is busy is started again once the backend is gone")
  func busyBackend() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      let cluster = try await Cluster.open(configuration(home))
      let busy = Command(
        "psql",
        [
          "-XAtq", "-d", cluster.connectionString, "-c", "select 'in'", "-c",
          "select count(*) from generate_series(1, 2000000)",
        ])
      try await busy.withProcess(output: .streamed) { person async throws in
        for try await _ in person.output { break }
        let server = try #require(Postmaster.running(in: layout))
        kill(server.id, SIGKILL)
        try await eventually { Postmaster.running(in: layout) == nil }
        try await cluster.revive()
      }
      #expect(try await query("select 1", on: cluster.connectionString) == "1")
      try await cluster.close()
    }
  }

  @Test("a stale process file that names somebody else's process does not stop a start")
  func staleProcessFile() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      try await Cluster.withCluster(configuration(home)) { _ in }
      // A process of the server's own user: PostgreSQL alone would take it for a running server.
      let user = try ServerUser.current()
      try await user.command("sleep", ["1000"]).withProcess { other async throws in
        let lines = ["\(other.id)", layout.data, "1", "5432", layout.socketDirectory, "", "  1  2"]
        try await write(lines + ["ready   "], to: layout.processFile, as: user)
        try await Cluster.withCluster(configuration(home)) { cluster async throws in
          #expect(try await query("select 1", on: cluster.connectionString) == "1")
        }
        #expect(other.isRunning, "the other process was left alone")
      }
    }
  }

  @Test("what a killed initdb left is thrown away")
  func halfMade() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      try #require(mkdir(layout.making, 0o700) == 0)
      try SmallFile.write("15", to: "\(layout.making)/PG_VERSION", mode: 0o600)
      try await Cluster.withCluster(configuration(home)) { cluster async throws in
        #expect(try await query("select 1", on: cluster.connectionString) == "1")
      }
      #expect(!SmallFile.exists(layout.making))
    }
  }

  @Test("a server that cannot start says why, in one sentence")
  func cannotStart() async throws {
    try await withHome { home in
      var broken = configuration(home)
      broken.settings["shared_buffers"] = "plenty"
      let log = try ClusterLayout(home: home).log
      let file = "\(home)/server.conf"
      let reason = "configuration file \"\(file)\" contains errors"
      await #expect(throws: ClusterError.notStarted(log: log, reason: reason)) {
        try await Cluster.open(broken)
      }
      try await Cluster.withCluster(configuration(home)) { cluster async throws in
        #expect(try await query("select 1", on: cluster.connectionString) == "1")
      }
    }
  }

  private func write(_ lines: [String], to path: String, as user: ServerUser) async throws {
    var command = user.command("sh", ["-c", "cat > \"$1\"", "sh", path])
    command.input = .bytes(Array(lines.map { $0 + "\n" }.joined().utf8))
    try await command.runExpectingSuccess()
  }
}
