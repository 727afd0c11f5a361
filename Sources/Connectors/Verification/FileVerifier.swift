import Domain
import Glibc
import JSON
import Processes

/// Scans files from end to end, in the order in which they lie: no index, no blocks, no windows.
struct FileVerifier: SourceVerifier {
  /// A page is handed on when it holds so many bytes.
  private static let pageBytes = 1 << 20
  private static let chunkBytes = 256 << 10

  let specification: FileSpecification

  func totals(of window: Window) async throws(SourceFailure) -> TotalsAnswer {
    TotalsAnswer(totals: nil, requests: 0)
  }

  func list(
    _ request: PageRequest, _ take: @escaping @Sendable (Page) async -> Bool
  ) async throws(SourceFailure) {
    let path = specification.path
    do throws(FileFault) {
      let paths = try await BlockingWork.run { _ throws(FileFault) in
        try Glob.paths(matching: path)
      }
      let start = try Self.start(request.cursor)
      for (number, path) in paths.enumerated() where number >= start.file {
        let scan = FileScan(
          specification: specification, path: path, number: number,
          isLast: number == paths.count - 1,
          from: number == start.file ? start.offset : 0, fields: request.fields,
          pageBytes: Self.pageBytes, take: take)
        guard try await Self.read(path, into: scan) else { return }
      }
    } catch {
      throw SourceFailure(error)
    }
  }

  private static func start(_ cursor: String?) throws(FileFault) -> (file: Int, offset: Int64) {
    guard let cursor else { return (0, 0) }
    let parts = cursor.split(separator: " ")
    guard parts.count == 2, let file = Int(parts[0]), let offset = Int64(parts[1]) else {
      throw .unreadable(path: cursor, reason: "no scan ever stood there")
    }
    return (file, offset)
  }

  /// Whether the scan wants to go on with the next file.
  private static func read(_ path: String, into scan: FileScan) async throws(FileFault) -> Bool {
    FileSpecification.isPacked(path)
      ? try await unpack(path, into: scan) : try await readPlain(path, into: scan)
  }

  private static func readPlain(
    _ path: String, into scan: FileScan
  ) async throws(FileFault) -> Bool {
    let identity = try await BlockingWork.run { _ throws(FileFault) in
      try OpenFile(path).identity()
    }
    var offset: Int64 = 0
    while true {
      let at = offset
      let chunk = try await BlockingWork.run { _ throws(FileFault) in
        try OpenFile(path).bytes(at: at, count: chunkBytes)
      }
      if chunk.isEmpty { break }
      offset += Int64(chunk.count)
      guard try await scan.take(chunk) else { return false }
    }
    let after = try await BlockingWork.run { _ throws(FileFault) in
      try OpenFile(path).identity()
    }
    guard after == identity else { throw .changed(path: path) }
    return try await scan.finish()
  }

  private static func unpack(
    _ path: String, into scan: FileScan
  ) async throws(FileFault) -> Bool {
    var gzip = Command("gzip", ["-dc", "--", path])
    gzip.endsWithParent = true
    do {
      let isWhole = try await gzip.reading { chunks in
        for try await chunk in chunks {
          guard try await scan.take(chunk) else { return false }
        }
        return true
      }
      return isWhole ? try await scan.finish() : false
    } catch let fault as FileFault {
      throw fault
    } catch ProcessFailure.failed(_, _, let errors) {
      throw .brokenGzip(path: path, reason: errors)
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw .unpackable(path: path, reason: "\(error)")
    }
  }
}

extension OpenFile {
  /// So many bytes from an offset on, fewer at the end.
  fileprivate func bytes(at offset: Int64, count: Int) throws(FileFault) -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
      var got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
      while got < 0, errno == EINTR {
        got = pread(descriptor, buffer.baseAddress, count, off_t(offset))
      }
      if got < 0 { code = errno }
      length = max(0, got)
    }
    guard code == 0 else { throw .unreadable(path: path, reason: systemMessage(code)) }
    return bytes
  }
}
