import Postgres

/// How much was written of the documents, as the write-ahead log has it.
enum DocumentWrites {
  /// Where the log ends now.
  static func position(_ store: BenchStore) async throws -> String {
    let position = Statement<(), String>("walPosition", "SELECT pg_current_wal_lsn()::text") {
      row in try row.read()
    }
    return try await store.pool.query(position).first ?? "0/0"
  }

  /// The bytes of log records since a position that touch the documents, their superseded versions
  /// or an index of either.
  static func bytes(since position: String, _ store: BenchStore) async throws -> Int64 {
    let bytes = Statement<String, Int64>(
      "documentLog",
      """
      SELECT coalesce(sum(w.record_length), 0)::bigint
        FROM pg_get_wal_records_info($1::text::pg_lsn, pg_current_wal_lsn()) AS w
        WHERE w.block_ref ~ (
          SELECT string_agg('/' || pg_relation_filenode(c.oid) || ' fork', '|')
            FROM pg_class c
            WHERE c.oid IN ('backfill.document'::regclass, 'backfill.document_pkey'::regclass,
              'backfill.document_version'::regclass, 'backfill.document_version_pkey'::regclass))
      """)
    return try await store.pool.query(bytes, position).first ?? 0
  }
}
