import Crypto

/// One step of the schema: numbered SQL, embedded in the program, applied once and never changed.
public struct Migration: Hashable, Sendable {
  /// Its number; migrations are applied in this order.
  public let version: Int
  /// What it is about.
  public let name: String
  /// The SQL, run as one transaction.
  public let sql: String
  /// Whether a program that does not know it must not go on (`-- breaking: yes` in its head).
  public let isBreaking: Bool

  /// The SHA-256 of the SQL, hexadecimal.
  public var checksum: String { SHA256.digest(of: sql).hex }

  /// A migration from its SQL.
  public init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
    isBreaking = sql.contains("\n-- breaking: yes\n")
  }
}

extension Migration {
  /// All migrations of this program, in order.
  public static let all: [Migration] = [
    embedded(1, "catalog", PackageResources._001_catalog_sql),
    embedded(2, "partitions", PackageResources._002_partitions_sql),
    embedded(3, "documents", PackageResources._003_documents_sql),
    embedded(4, "commit", PackageResources._004_commit_sql),
    embedded(5, "claim", PackageResources._005_claim_sql),
    embedded(6, "history", PackageResources._006_history_sql),
    embedded(7, "notices", PackageResources._007_notices_sql),
    embedded(8, "redrive", PackageResources._008_redrive_sql),
    embedded(9, "budget", PackageResources._009_budget_sql),
    embedded(10, "split", PackageResources._010_split_sql),
    embedded(11, "proof", PackageResources._011_proof_sql),
  ]

  private static func embedded(_ version: Int, _ name: String, _ sql: [UInt8]) -> Migration {
    Migration(version: version, name: name, sql: String(decoding: sql, as: UTF8.self))
  }
}
