import Domain
import JSON

/// Reads a stream from files: of each partition only the blocks in which its records may lie.
///
/// Records outside of the window are left out here: they share a block with those asked for, but
/// nobody answered more than was asked.
struct FileConnector: Connector {
  private let specification: FileSpecification
  private let time: TimeReader
  private let fields: [JSONPath]
  private let catalogue: FileCatalogue

  private let bounds: PageBounds

  /// A connector for a stream; `fields` are those that every record must have.
  init(
    _ specification: FileSpecification, time: TimeReader, fields: [JSONPath], cache: IndexCache,
    bounds: PageBounds = PageBounds()
  ) {
    self.specification = specification
    self.time = time
    self.fields = fields
    self.bounds = bounds
    catalogue = FileCatalogue(specification, time: time, fields: fields, cache: cache)
  }

  func check() async throws(SourceFailure) {
    do throws(FileFault) {
      try await FileCheck(specification: specification, time: time, fields: fields).run()
    } catch {
      throw SourceFailure(error)
    }
  }

  func page(_ request: PageRequest) async throws(SourceFailure) -> Page {
    do throws(FileFault) {
      let files = try await catalogue.files()
      let reader = FilePageReader(
        specification: specification, time: time, files: files, bounds: bounds)
      do throws(FileFault) {
        return try await BlockingWork.run { isCancelled throws(FileFault) in
          try reader.page(request, isCancelled: isCancelled)
        }
      } catch {
        if error != .cancelled { await catalogue.forget(files) }
        throw error
      }
    } catch {
      throw SourceFailure(error)
    }
  }
}
