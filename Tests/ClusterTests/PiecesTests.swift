import Testing

@testable import Cluster

@Suite struct PiecesTests {
  @Test("the home is chosen by variable, then by user")
  func home() {
    let variables = ["BACKFILL_HOME": "/srv/b", "HOME": "/home/ann"]
    #expect(Cluster.home(environment: variables, userID: 0) == "/srv/b")
    #expect(Cluster.home(environment: ["HOME": "/root"], userID: 0) == "/var/lib/backfill")
    #expect(Cluster.home(environment: ["HOME": "/home/ann"], userID: 7) == "/home/ann/.backfill")
    let empty = ["BACKFILL_HOME": "", "HOME": "/home/ann"]
    #expect(Cluster.home(environment: empty, userID: 7) == "/home/ann/.backfill")
  }

  @Test("the major version is read from every form in which a server states it")
  func versions() {
    let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"
    #expect(ServerPrograms.majorVersion(in: debian) == 15)
    #expect(ServerPrograms.majorVersion(in: "postgres (PostgreSQL) 18beta1") == 18)
    #expect(ServerPrograms.majorVersion(in: "something else") == nil)
  }

  @Test("an old cluster gets the programs that made it, a new one the first found")
  func choice() throws {
    let newer = ServerPrograms(folder: "/17", majorVersion: 17)
    let older = ServerPrograms(folder: "/15", majorVersion: 15)
    let ancient = ServerPrograms(folder: "/9", majorVersion: 9)
    #expect(try ServerPrograms.choose(from: [newer, older], madeBy: nil, home: "/h") == newer)
    #expect(try ServerPrograms.choose(from: [newer, older], madeBy: 15, home: "/h") == older)
    #expect(throws: ClusterError.programsNotFound) {
      try ServerPrograms.choose(from: [], madeBy: nil, home: "/h")
    }
    #expect(throws: ClusterError.programsTooOld(found: 9, needed: 14)) {
      try ServerPrograms.choose(from: [ancient], madeBy: nil, home: "/h")
    }
    let refusal = ClusterError.versionMismatch(home: "/h", made: 16, installed: [17, 15])
    #expect(throws: refusal) {
      try ServerPrograms.choose(from: [newer, older], madeBy: 16, home: "/h")
    }
  }

  @Test("the process file is read at every stage of a server's life")
  func processFile() {
    let full = "6102\n/data\n1795211216\n5432\n/socket\n\n 16220410         5\nready   \n"
    #expect(Postmaster.parse(full) == Postmaster(id: 6102, isReady: true))
    let stopping = "6102\n/data\n1\n5432\n/socket\n\n 1  5\nstopping\n"
    #expect(Postmaster.parse(stopping) == Postmaster(id: 6102, isReady: false))
    #expect(Postmaster.parse("6102\n/data\n") == Postmaster(id: 6102, isReady: false))
    #expect(Postmaster.parse("") == nil)
    #expect(Postmaster.parse("-1\n/data\n") == nil)
  }

  @Test("only accepted connections of this very socket are counted")
  func clients() {
    let table = """
      Num       RefCount Protocol Flags    Type St Inode Path
      0000: 00000002 00000000 00010000 0001 01 12970 /h/cluster/socket/.s.PGSQL.5432
      0001: 00000003 00000000 00000000 0001 03 13150 /h/cluster/socket/.s.PGSQL.5432
      0002: 00000003 00000000 00000000 0001 03 13151
      0003: 00000003 00000000 00000000 0001 03 13152 /h/cluster/socket/.s.PGSQL.54321
      """
    #expect(SocketClients.count(of: "/h/cluster/socket/.s.PGSQL.5432", in: table) == 1)
  }

  @Test("the server's share of the memory is bounded on both sides")
  func memory() {
    #expect(MachineMemory(megabytes: 256).sharedBuffers == 64)
    #expect(MachineMemory(megabytes: 8192).sharedBuffers == 1024)
    #expect(MachineMemory(megabytes: 512_000).sharedBuffers == 2048)
    #expect(MachineMemory.measured().megabytes > 64)
  }

  @Test("a given setting takes the place of ours, and quotes are doubled")
  func settings() throws {
    let text = ServerSettings(
      layout: try ClusterLayout(home: "/it's"), durability: .full,
      memory: MachineMemory(megabytes: 8192), compression: "lz4",
      extra: ["work_mem": "1MB", "x.y": "it's"]
    ).text
    #expect(text.contains("\nwork_mem = '1MB'\n"))
    #expect(!text.contains("work_mem = '16MB'"))
    #expect(text.contains("\nx.y = 'it''s'\n"))
    #expect(text.contains("\nshared_buffers = '1024MB'\n"))
    #expect(text.contains("\nwal_compression = 'lz4'\n"))
    #expect(text.contains("unix_socket_directories = '/it''s/cluster/socket'"))
  }
}
