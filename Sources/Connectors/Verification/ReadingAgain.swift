import Domain
import JSON

/// Reads a source that can be read in one way only once more, by other windows: a program has no
/// list, no count and no bounds but its own.
struct ReadingAgain: SourceVerifier {
  /// How far around the window is read, so that none of the bounds is one that was loaded by.
  private static let margin: Int64 = 86_400_000_000

  let connector: any Connector

  func totals(of window: Window) async throws(SourceFailure) -> TotalsAnswer {
    TotalsAnswer(totals: nil, requests: 0)
  }

  /// A reading that broke off begins anew: what was noted of it before is not noted twice.
  func list(
    _ request: PageRequest, _ take: @escaping @Sendable (Page) async -> Bool
  ) async throws(SourceFailure) {
    let around = Window(
      from: request.window.from.adding(microseconds: -Self.margin),
      to: request.window.to.adding(microseconds: Self.margin))
    let reader = connector.reader(of: around, fields: request.fields)
    var cursor: String?
    do throws(SourceFailure) {
      repeat {
        let page = try await reader.page(at: cursor)
        cursor = page.next
        guard await take(page) else { break }
      } while cursor != nil
    } catch {
      await reader.close()
      throw error
    }
    await reader.close()
  }
}
