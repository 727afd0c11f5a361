import Glibc

/// A folder that is removed at the end, however the test ends.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  var template = Array("/tmp/backfill-e2e-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw NoFolder() }
  let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  defer { remove(folder) }
  return try await body(folder)
}

struct NoFolder: Error {}

private func remove(_ path: String) {
  guard let directory = opendir(path) else {
    unlink(path)
    return
  }
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { remove("\(path)/\(name)") }
  }
  closedir(directory)
  rmdir(path)
}

/// Writes a file for the program to read.
func write(_ text: String, to path: String) throws {
  guard let file = fopen(path, "w") else { throw NoFolder() }
  defer { fclose(file) }
  let bytes = Array(text.utf8)
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw NoFolder() }
}
