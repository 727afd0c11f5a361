import Domain
import JSON
import Postgres

/// Reads a stream from a table or query of a PostgreSQL database.
struct TableConnector: Connector {
  /// The source's name, as messages say it.
  let source: String
  /// Which rows are read.
  let specification: TableSpecification
  /// Where the database is.
  let settings: ConnectionSettings
  /// Reads the event time, to leave out what lies beyond the window.
  let time: TimeReader

  /// Rows come ordered by time, to the microsecond.
  var splitRule: SplitRule {
    SplitRule(grain: .microseconds(1), isAscending: true)
  }

  func check() async throws(SourceFailure) {
    let reading = TableReading(connector: self)
    do throws(SourceFailure) {
      _ = try await reading.open()
    } catch {
      await reading.close()
      throw error
    }
    await reading.close()
  }

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    let reader = reader(of: request.window, fields: request.fields)
    do throws(SourceFailure) {
      let page = try await reader.page(at: request.cursor)
      await reader.close()
      return page
    } catch {
      await reader.close()
      throw error
    }
  }

  func reader(of window: Window, fields: [JSONPath]) -> any PartitionReader {
    TableReader(connector: self, window: window, fields: fields)
  }
}
