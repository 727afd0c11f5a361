import Processes

/// Unpacks a file that gzip packed into a copy beside its index: what is packed can only be read
/// from its beginning, and so would be read whole for every partition.
struct FileUnpacker {
  /// The file; messages name it.
  let path: String
  /// Where the copy goes.
  let copy: String
  /// How many bytes it may take.
  let room: Int64
  /// The folder in which it lies, as messages name it.
  let folder: String

  /// Writes the copy.
  func unpack() async throws(FileFault) {
    try await checkMark()
    let output = try OutputFile(copy, in: folder)
    try await Self.reading(path) { chunks in
      var written: Int64 = 0
      for try await chunk in chunks {
        written += Int64(chunk.count)
        guard written <= room else { throw FileFault.noRoom(path: path, folder: folder) }
        try await BlockingWork.run { _ throws(FileFault) in try output.append(chunk) }
      }
    }
  }

  /// The first bytes of what a packed file holds, at most so many.
  static func beginning(of path: String, length: Int) async throws(FileFault) -> [UInt8] {
    try await reading(path) { chunks in
      var bytes: [UInt8] = []
      for try await chunk in chunks {
        bytes += chunk.prefix(length - bytes.count)
        if bytes.count == length { break }
      }
      return bytes
    }
  }

  private static func reading<Value: Sendable>(
    _ path: String, _ body: (ProcessOutput) async throws -> Value
  ) async throws(FileFault) -> Value {
    var gzip = Command("gzip", ["-dc", "--", path])
    gzip.endsWithParent = true
    do {
      return try await gzip.reading(body)
    } catch let fault as FileFault {
      throw fault
    } catch ProcessFailure.failed(_, _, let errors) {
      throw .brokenGzip(path: path, reason: reason(errors))
    } catch let failure as ProcessFailure {
      throw .unpackable(path: path, reason: failure.description)
    } catch is CancellationError {
      throw .cancelled
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
  }

  private func checkMark() async throws(FileFault) {
    let path = path
    let mark = try await BlockingWork.run { _ throws(FileFault) in try OpenFile(path).head(2) }
    if mark != FileHead.gzipMark { throw .notGzip(path: path) }
  }

  /// The words of gzip, without its name and the file's in front of them.
  private static func reason(_ errors: String) -> String {
    let words = errors.split(separator: ":").last ?? "gzip gave no reason"
    return String(words.drop { $0 == " " })
  }
}
