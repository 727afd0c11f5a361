import Postgres

/// The schema of a database as text, from the server's catalogs: what a person wants to review.
enum Schema {
  /// The file in which the schema is kept.
  static var file: String {
    #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/schema.sql"
  }

  /// Every table, index, sequence and function, in a fixed order.
  static func read(from connection: Connection) async throws -> String {
    var lines: [String] = []
    for (title, sql) in parts {
      lines.append("-- \(title)")
      lines += try await connection.query(sql) { row in try row.read(String.self) }
      lines.append("")
    }
    return lines.joined(separator: "\n")
  }

  private static let parts: [(String, String)] = [
    (
      "Columns",
      """
      SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
          CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
            THEN ' COLLATE ' || quote_ident(l.collname) ELSE '' END,
          CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
          CASE WHEN a.attidentity <> '' THEN ' IDENTITY'
            WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
            ELSE '' END)
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'backfill'::regnamespace AND c.relkind IN ('r', 'p')
          AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY c.relname COLLATE "C", a.attnum
      """
    ),
    (
      "Tables that are parts of others or stored in a way of their own",
      """
      SELECT format('%s%s%s%s', c.relname,
          coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), ''),
          coalesce(' PART ' || pg_get_expr(c.relpartbound, c.oid), ''),
          coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''))
        FROM pg_class c
        WHERE c.relnamespace = 'backfill'::regnamespace AND c.relkind IN ('r', 'p')
          AND (c.relkind = 'p' OR c.relispartition OR c.reloptions IS NOT NULL)
        ORDER BY c.relname COLLATE "C"
      """
    ),
    (
      "Constraints",
      """
      SELECT format('%s %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE c.relnamespace = 'backfill'::regnamespace
        ORDER BY c.relname COLLATE "C", k.conname COLLATE "C"
      """
    ),
    (
      "Indexes",
      """
      SELECT pg_get_indexdef(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'backfill'::regnamespace
        ORDER BY c.relname COLLATE "C"
      """
    ),
    (
      "Sequences",
      """
      SELECT format('%s cache %s', sequencename, cache_size)
        FROM pg_sequences WHERE schemaname = 'backfill'
        ORDER BY sequencename COLLATE "C"
      """
    ),
    (
      "Functions and triggers",
      """
      SELECT text FROM (
        SELECT pg_get_functiondef(p.oid) AS text FROM pg_proc p
          WHERE p.pronamespace = 'backfill'::regnamespace
        UNION ALL
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
          WHERE c.relnamespace = 'backfill'::regnamespace AND NOT t.tgisinternal
      ) AS definitions
      ORDER BY text COLLATE "C"
      """
    ),
  ]
}
