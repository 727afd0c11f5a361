import Crypto
import Domain
import JSON

/// The files of a stream with their indexes: found and indexed once, and again after one changed.
actor FileCatalogue {
  private let specification: FileSpecification
  private let time: TimeReader
  private let cache: IndexCache
  private let fields: [JSONPath]
  private var underWay: Task<Result<FileSet, FileFault>, Never>?

  /// A catalogue of the files that the path names; `fields` are those that every record must have.
  init(
    _ specification: FileSpecification, time: TimeReader, fields: [JSONPath], cache: IndexCache
  ) {
    self.specification = specification
    self.time = time
    self.fields = fields
    self.cache = cache
  }

  /// The files as they were found.
  ///
  /// Who asks while they are being indexed waits with the others.
  func files() async throws(FileFault) -> FileSet {
    while true {
      let task = underWay ?? Task { await self.find() }
      underWay = task
      let result = await withTaskCancellationHandler {
        await task.value
      } onCancel: {
        task.cancel()
      }
      if case .success(let files) = result { return files }
      if underWay == task { underWay = nil }
      // Cancelled by another who waited: those who still wait begin again.
      if case .failure(.cancelled) = result, !Task.isCancelled { continue }
      return try result.get()
    }
  }

  /// Has the files found anew when they are next asked for, unless that has happened since.
  func forget(_ files: FileSet) async {
    if let underWay, case .success(let known) = await underWay.value, known.mark == files.mark {
      self.underWay = nil
    }
  }

  private func find() async -> Result<FileSet, FileFault> {
    do throws(FileFault) {
      let path = specification.path
      let paths = try await BlockingWork.run { _ throws(FileFault) in
        try Glob.paths(matching: path)
      }
      var files: [IndexedFile] = []
      for path in paths { files.append(try await indexed(path)) }
      return .success(FileSet(files))
    } catch {
      return .failure(error)
    }
  }

  private func indexed(_ path: String) async throws(FileFault) -> IndexedFile {
    let indexing = FileIndexing(specification: specification, time: time, cache: cache)
    let (index, entry) = try await indexing.index(of: path)
    if let header = index.header {
      for field in fields { _ = try header.column(named: field, of: path) }
    }
    return IndexedFile(
      path: path, dataPath: index.place == .copy ? entry.copy : path, index: index)
  }
}

/// A file that can be read where a partition lies.
struct IndexedFile: Hashable, Sendable {
  /// The file; messages name it.
  let path: String
  /// Where the bytes are that the index speaks of.
  let dataPath: String
  /// What is known of it.
  var index: FileIndex
}

/// The files of a stream at one moment.
struct FileSet: Sendable {
  /// The files, in the order of their paths.
  let files: [IndexedFile]
  /// Tells these files with this content from all others.
  let mark: UInt64

  /// The blocks of all files together; 13 MB.
  static let mostBlocks = 1 << 18

  init(_ files: [IndexedFile], mostBlocks: Int = mostBlocks) {
    self.files = Self.coarsened(files, to: mostBlocks)
    var fingerprint = Fingerprint()
    fingerprint.combine([FileIndex.version])
    for file in files {
      fingerprint.combine(file.path.utf8)
      fingerprint.combine([0])
      fingerprint.combine(file.index.content.bytes)
      fingerprint.combine([file.index.place.rawValue])
    }
    mark = fingerprint.value
  }

  /// The files with so few blocks that all of them can stay in memory; what is read for a
  /// partition grows with them.
  private static func coarsened(_ files: [IndexedFile], to most: Int) -> [IndexedFile] {
    var files = files
    var count = files.reduce(0) { $0 + $1.index.blocks.count }
    while count > most {
      for file in files.indices { files[file].index.blocks = files[file].index.blocks.halved }
      let fewer = files.reduce(0) { $0 + $1.index.blocks.count }
      if fewer == count { break }
      count = fewer
    }
    return files
  }
}
