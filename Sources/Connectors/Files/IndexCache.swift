import Crypto
import Domain
import Glibc

/// Keeps the indexes of files, and the copies that some of them need, in a folder that all
/// processes of the machine share.
///
/// A file is indexed once per path, size and time; who comes while somebody else is at it waits.
/// What is there is whole: it is written beside its place and moved there. Indexes of what a path
/// held before are taken away when it is indexed anew.
struct IndexCache: Sendable {
  /// The folder; made when it is first needed.
  let folder: String
  /// The sizes by which indexes are made.
  var sizes = IndexSizes()
  /// How many bytes a copy may take, given the folder's free space.
  var room: @Sendable (_ free: Int64) -> Int64 = { $0 / 2 }

  /// Where the index of a file and its copy lie.
  struct Entry: Sendable {
    /// The part of the names that hangs on the path and on how its records are written.
    fileprivate let stem: String
    fileprivate let name: String
    fileprivate let folder: String
    /// The file that was indexed.
    let path: String
    /// What it was when it was indexed.
    let identity: FileIdentity

    /// The path of the copy.
    var copy: String { "\(folder)/\(name).copy" }
    fileprivate var index: String { "\(folder)/\(name).index" }
    fileprivate var lock: String { "\(folder)/\(stem).lock" }
    /// A path to write at before the bytes are whole.
    var draft: String { "\(folder)/\(stem).draft" }
  }

  /// The place of a file's index, as the file is now.
  func entry(for path: String, _ specification: FileSpecification) throws(FileFault) -> Entry {
    let identity = try OpenFile(path).identity()
    let stem = String(
      SHA256.digest(of: "\(path)\u{1e}\(specification.indexKey)").hex.prefix(32))
    let name =
      "\(stem)-\(identity.size)-\(String(identity.modified, radix: 36))-\(identity.inode)"
    return Entry(stem: stem, name: name, folder: folder, path: path, identity: identity)
  }

  /// The index that is kept; nil where there is none, or not all of it.
  func load(_ entry: Entry) throws(FileFault) -> FileIndex? {
    guard access(entry.index, R_OK) == 0 else { return nil }
    let file = try OpenFile(entry.index)
    let length = Int(clamping: try file.identity().size)
    guard let index = FileIndex(stored: try file.head(min(length, 64 << 20))),
      index.identity == entry.identity
    else { return nil }
    if index.place == .copy, access(entry.copy, R_OK) != 0 { return nil }
    return index
  }

  /// Keeps an index, and takes away those of what the path held before.
  func store(_ index: FileIndex, at entry: Entry) throws(FileFault) {
    try OutputFile(entry.draft, in: folder).append(index.stored)
    try move(entry.draft, to: entry.index)
    for name in try names() where name.hasPrefix("\(entry.stem)-") && !name.hasPrefix(entry.name) {
      unlink("\(folder)/\(name)")
    }
  }

  /// Moves a draft to where the copy of an entry lies.
  func keepCopy(of entry: Entry) throws(FileFault) {
    try move(entry.draft, to: entry.copy)
  }

  /// How many bytes a copy may take.
  func roomForCopy() throws(FileFault) -> Int64 {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { throw fault() }
    return room(Int64(status.f_bavail) * Int64(status.f_frsize))
  }

  /// Waits until nobody else, here or in another process, indexes what the entry stands for.
  func lock(_ entry: Entry, isCancelled: () -> Bool) throws(FileFault) -> IndexLock {
    try makeFolder()
    let descriptor = open(entry.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw fault() }
    let lock = IndexLock(descriptor: descriptor)
    // Asked for again and again, as a wait inside the kernel could not be given up.
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw fault() }
      if isCancelled() { throw .cancelled }
      usleep(20_000)
    }
    return lock
  }
}

/// The sizes by which indexes are made; all in bytes.
struct IndexSizes: Sendable {
  /// What a block has at first.
  var block: Int64 = 64 << 10
  /// From what length on files without order are copied into order: smaller ones are read whole
  /// faster than a copy is worth.
  var ordered: Int64 = 16 << 20
  /// What is put into order at once, in memory.
  var run = 16 << 20
}

/// A lock that is let go of with the last reference to it.
final class IndexLock: Sendable {
  private let descriptor: Int32

  fileprivate init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

// Steps
extension IndexCache {
  /// Makes the folder and those above it; what lies in it is for its owner alone.
  private func makeFolder() throws(FileFault) {
    var path = folder.hasPrefix("/") ? "" : "."
    for part in folder.split(separator: "/") {
      path += "/\(part)"
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw fault() }
    }
  }

  private func move(_ draft: String, to path: String) throws(FileFault) {
    guard rename(draft, path) == 0 else { throw fault() }
  }

  private func names() throws(FileFault) -> [String] {
    guard let directory = opendir(folder) else { throw fault() }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: entry.pointee.d_name) { tuple in
          tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  private func fault() -> FileFault {
    .cacheUnusable(path: folder, reason: systemMessage(errno))
  }
}
