import Processes
import Testing

@testable import Cluster

@Suite struct TemporaryClusterTests {
  @Test("a temporary cluster vanishes with all that belongs to it")
  func vanishes() async throws {
    let cluster = try await TemporaryCluster.start(settings: ["shared_buffers": "16MB"])
    #expect(try await query("show fsync", on: cluster.connectionString) == "off")
    let layout = try ClusterLayout(home: cluster.home)
    #expect(Postmaster.running(in: layout) != nil)
    await cluster.stop()
    #expect(!SmallFile.exists(cluster.home))
    #expect(Postmaster.running(in: layout) == nil)
    await cluster.stop()
  }

  @Test("it survives a killed server when it is revived")
  func revives() async throws {
    try await TemporaryCluster.with(settings: ["shared_buffers": "16MB"]) { cluster async throws in
      try await query("create table kept as select 1 as n", on: cluster.connectionString)
      try await query("checkpoint", on: cluster.connectionString)
      try cluster.kill()
      try await eventually { try Postmaster.running(in: ClusterLayout(home: cluster.home)) == nil }
      try await cluster.revive()
      #expect(try await query("select n from kept", on: cluster.connectionString) == "1")
    }
  }

  @Test("it goes when its owner is gone without a word")
  func ownerGone() async throws {
    var cluster: TemporaryCluster? = try await TemporaryCluster.start()
    let home = try #require(cluster?.home)
    cluster = nil
    try await eventually { !SmallFile.exists(home) }
  }

  @Test("two at once are two")
  func two() async throws {
    async let one = TemporaryCluster.start(settings: ["shared_buffers": "16MB"])
    async let other = TemporaryCluster.start(settings: ["shared_buffers": "16MB"])
    let (first, second) = try await (one, other)
    try await query("create table here()", on: first.connectionString)
    let count = "select count(*) from pg_class where relname = 'here'"
    #expect(try await query(count, on: second.connectionString) == "0")
    await first.stop()
    await second.stop()
  }
}
