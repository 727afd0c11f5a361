import Glibc
import Processes
import Testing

@testable import Cluster

@Suite struct ClusterTests {
  @Test("a cluster is made with fixed encoding, order and zone, and reached by its socket only")
  func create() async throws {
    try await withHome { home in
      try await Cluster.withCluster(configuration(home)) { cluster async throws in
        let way = cluster.connectionString
        let encoding = "select pg_encoding_to_char(encoding), datcollate from pg_database"
        #expect(try await query("\(encoding) where datname = 'backfill'", on: way) == "UTF8|C")
        #expect(try await query("select current_user", on: way) == "backfill")
        #expect(try await query("show timezone", on: way) == "UTC")
        #expect(try await query("show listen_addresses", on: way) == "")
        #expect(try await query("show jit", on: way) == "off")
        #expect(try await query("show shared_buffers", on: way) == "16MB")
        #expect(try await query("select 'Z' < 'a' and 'z' < 'ä'", on: way) == "t")
      }
      let layout = try ClusterLayout(home: home)
      #expect(Postmaster.running(in: layout) == nil, "the last user has left")
    }
  }

  @Test("commits wait for the disk unless somebody asks for less")
  func durability() async throws {
    try await withHome { home in
      try await Cluster.withCluster(ClusterConfiguration(home: home)) { cluster async throws in
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
          #expect(try await query("show \(setting)", on: cluster.connectionString) == "on")
        }
      }
      try await Cluster.withCluster(configuration(home)) { cluster async throws in
        #expect(try await query("show fsync", on: cluster.connectionString) == "off")
      }
    }
  }

  @Test("what was committed is there when the cluster is opened again")
  func reopen() async throws {
    try await withHome { home in
      try await Cluster.withCluster(configuration(home)) { cluster async throws in
        try await query("create table kept as select 42 as n", on: cluster.connectionString)
      }
      try await Cluster.withCluster(configuration(home)) { cluster async throws in
        #expect(try await query("select n from kept", on: cluster.connectionString) == "42")
      }
    }
  }

  @Test("of several that start at once one makes the cluster, and the last that leaves stops it")
  func severalAtOnce() async throws {
    try await withHome { home in
      let clusters = try await withThrowingTaskGroup(of: Cluster.self) { group in
        for _ in 0..<4 { group.addTask { try await Cluster.open(configuration(home)) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let layout = try ClusterLayout(home: home)
      let server = try #require(Postmaster.running(in: layout))
      for cluster in clusters {
        #expect(Postmaster.running(in: layout) == server, "somebody still uses it")
        #expect(try await query("select 1", on: cluster.connectionString) == "1")
        try await cluster.close()
      }
      #expect(Postmaster.running(in: layout) == nil)
    }
  }

  @Test("a person who is connected keeps the server running, and the next that leaves stops it")
  func connectedPerson() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      let cluster = try await Cluster.open(configuration(home))
      let way = cluster.connectionString
      let script = "select 'in'; select pg_sleep(1000)"
      let psql = Command("psql", ["-XAtq", "-d", way, "-c", "select 'in'", "-c", script])
      try await psql.withProcess(output: .streamed) { person async throws in
        for try await _ in person.output { break }
        try await cluster.close()
        #expect(Postmaster.running(in: layout)?.isReady == true)
      }
      try await eventually { SocketClients.count(of: layout.socket) == 0 }
      try await Cluster.open(configuration(home)).close()
      #expect(Postmaster.running(in: layout) == nil)
    }
  }

  @Test("a user that was killed is no user any more, and the server it left is stopped by the next")
  func killedUser() async throws {
    try await withHome { home in
      let layout = try ClusterLayout(home: home)
      do {
        // Its lock goes with its last reference, as it would with its process.
        _ = try await Cluster.open(configuration(home))
      }
      let server = try #require(Postmaster.running(in: layout))
      let next = try await Cluster.open(configuration(home))
      #expect(Postmaster.running(in: layout) == server)
      try await next.close()
      #expect(Postmaster.running(in: layout) == nil)
    }
  }
}
