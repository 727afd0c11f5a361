import DatabaseFixtures
import Postgres
import Testing

extension Fixture {
  /// What is folded must equal what the documents say, worked out from their payloads anew.
  func expectMeasuresFromDocuments(_ note: Comment? = nil) async throws {
    try await pool.withConnection { connection in
      let folded = try await connection.column(
        """
        SELECT format('%s %s %s %s %s', day, name, currency, trim_scale(amount), records)
          FROM backfill.measure WHERE amount <> 0 OR records <> 0 ORDER BY 1
        """, String.self)
      let anew = try await connection.column(
        """
        SELECT format('%s amount %s %s %s', day, currency, trim_scale(sum(amount)), count(*))
          FROM (
            SELECT (to_timestamp((payload::jsonb->>'at')::numeric) AT TIME ZONE 'UTC')::date AS day,
                upper(payload::jsonb->>'c') AS currency, (payload::jsonb->>'amount')::numeric AS amount
              FROM backfill.document
          ) AS d WHERE amount IS NOT NULL
          GROUP BY day, currency ORDER BY 1
        """, String.self)
      #expect(folded == anew, note)
      let byBackfill = try await connection.column(
        """
        SELECT format('%s %s %s %s %s', day, name, currency, trim_scale(sum(amount)), sum(records))
          FROM backfill.backfill_measure GROUP BY day, name, currency
          HAVING sum(amount) <> 0 OR sum(records) <> 0 ORDER BY 1
        """, String.self)
      #expect(byBackfill == folded, note)
    }
  }

  /// Batches, partitions and backfills must tell the same of the records.
  func expectCountsAddUp(_ note: Comment? = nil) async throws {
    try await pool.withConnection { connection in
      func sums(_ table: String) async throws -> [String] {
        let id = table == "backfill" ? "id" : "backfill_id"
        return try await connection.column(
          """
          SELECT concat_ws(' ', \(id), sum(read), sum(inserted), sum(versioned), sum(unchanged),
              sum(kept), sum(stale), sum(duplicate), sum(rejected), sum(outside), sum(requests))
            FROM backfill.\(table) GROUP BY \(id) HAVING sum(read) > 0 ORDER BY 1
          """, String.self)
      }
      let batches = try await sums("batch")
      #expect(try await sums("partition") == batches, note)
      #expect(try await sums("backfill") == batches, note)
    }
  }
}
