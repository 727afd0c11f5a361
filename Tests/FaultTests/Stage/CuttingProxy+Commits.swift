import Cluster
import WireFixtures

extension CuttingProxy {
  /// A proxy to the server of a stage.
  convenience init(to stage: Stage, _ judge: @escaping Judge) throws {
    try self.init(
      toUnixSocket: "\(stage.cluster.home)/cluster/socket/.s.PGSQL.5432", judge)
  }

  /// The way to a stage's database through the proxy.
  func conninfo(_ stage: Stage) -> String {
    conninfo(database: String(stage.conninfo.split(separator: "dbname=").last ?? ""))
  }
}

extension ClientMessage {
  /// Whether it is a piece of a commit's records.
  var isCommitData: Bool { type == UInt8(ascii: "d") && isOfCommit }

  /// Whether it is the end of a commit's records, upon which the server commits.
  var isCommitEnd: Bool { type == UInt8(ascii: "c") && isOfCommit }

  private var isOfCommit: Bool { query.contains("/* commitBatch") }
}
