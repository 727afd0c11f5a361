import Glibc
import Processes
import Testing

@testable import Cluster

@Suite struct RefusalTests {
  @Test("a home whose socket's path would be too long is refused before anything is made")
  func longPath() async throws {
    try await withHome { home in
      let deep = home + "/" + String(repeating: "d", count: 80)
      let bytes = deep.utf8.count + "/cluster/socket/.s.PGSQL.5432".utf8.count
      let refusal = ClusterError.socketPathTooLong(home: deep, bytes: bytes, limit: 107)
      await #expect(throws: refusal) { try await Cluster.open(configuration(deep)) }
      #expect(!SmallFile.exists(deep))
    }
  }

  @Test("a path of 107 bytes is allowed, one of 108 is not")
  func pathLimit() throws {
    let rest = "/cluster/socket/.s.PGSQL.5432".utf8.count
    let longest = "/" + String(repeating: "h", count: 107 - rest - 1)
    #expect(try ClusterLayout(home: longest).socket.utf8.count == 107)
    #expect(throws: ClusterError.self) { try ClusterLayout(home: longest + "h") }
  }

  @Test("a home that is relative or would break a connection string is refused")
  func unusable() {
    for home in ["", "relative", "/a,b", "/a\nb"] {
      #expect(throws: ClusterError.homeUnusable(home: home)) { try ClusterLayout(home: home) }
    }
  }

  @Test("quotes and backslashes in a home survive in the connection string")
  func quoting() throws {
    let way = try ClusterLayout(home: "/it's a \\ home/").connectionString
    let socket = "/it\\'s a \\\\ home/cluster/socket"
    #expect(way == "host='\(socket)' port=5432 user=backfill dbname=backfill")
  }

  @Test("a cluster of another major version is left alone, and the sentence names the package")
  func wrongVersion() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      let user = try ServerUser.current()
      let script = "mkdir -p \"$1\" && chmod 700 \"$2\" && echo 9 > \"$1/PG_VERSION\""
      var make = Command("sh", ["-c", script, "sh", layout.data, layout.cluster])
      try await make.runExpectingSuccess()
      if user.isRootsDelegate {
        make = Command("chown", ["-R", user.account.name, layout.cluster])
        try await make.runExpectingSuccess()
      }
      do {
        _ = try await Cluster.open(configuration(home))
        Issue.record("a cluster of version 9 was opened")
      } catch let error as ClusterError {
        #expect("\(error)".contains("sudo apt-get install postgresql-9"))
        guard case .versionMismatch(_, made: 9, _) = error else { throw error }
      }
    }
  }

  @Test("a directory that is no cluster is left alone")
  func notACluster() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      let user = try ServerUser.current()
      try #require(mkdir(layout.cluster, 0o700) == 0)
      try #require(chown(layout.cluster, user.account.userID, user.account.groupID) == 0)
      await #expect(throws: ClusterError.notACluster(path: layout.cluster)) {
        try await Cluster.open(configuration(home))
      }
    }
  }

  @Test("somebody else's home is left alone", .enabled(if: geteuid() == 0, "it takes root"))
  func foreignHome() async throws {
    try await withHome { home in
      let nobody = try #require(Account.named("nobody"))
      try #require(chown(home, nobody.userID, nobody.groupID) == 0)
      await #expect(throws: ClusterError.ownedByAnother(path: home, owner: "nobody")) {
        try await Cluster.open(configuration(home))
      }
    }
  }

  @Test(
    "root is told when the server's user cannot enter the home",
    .enabled(if: geteuid() == 0, "it takes root"))
  func outOfReach() async throws {
    try await withHome { home in
      try #require(chmod(home, 0o700) == 0)
      await #expect(throws: ClusterError.homeOutOfReach(home: home, user: "postgres")) {
        try await Cluster.open(configuration(home))
      }
    }
  }

  @Test("every refusal is one sentence without a line break")
  func sentences() {
    let refusals: [ClusterError] = [
      .programsNotFound, .programsTooOld(found: 9, needed: 14),
      .versionMismatch(home: "/h", made: 15, installed: [17]),
      .socketPathTooLong(home: "/h", bytes: 120, limit: 107), .homeUnusable(home: "h"),
      .ownedByAnother(path: "/h", owner: "ann"), .serverUserMissing(user: "postgres"),
      .homeOutOfReach(home: "/h", user: "postgres"), .notACluster(path: "/h"), .busy(home: "/h"),
      .notStarted(log: "/h/server.log", reason: "no space"), .notReady(log: "/h/server.log"),
      .notStopped(log: "/h/server.log"), .fileSystem(path: "/h", reason: "no space"),
    ]
    for refusal in refusals {
      #expect(!refusal.description.contains("\n"))
      #expect(refusal.description.count > 30)
    }
    let words = "install them with: sudo apt-get install postgresql"
    #expect(ClusterError.programsNotFound.description.hasSuffix(words))
  }
}
