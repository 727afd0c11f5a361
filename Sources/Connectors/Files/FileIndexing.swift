import Domain

/// Gets the index of a file: out of the cache, or by reading the file.
struct FileIndexing: Sendable {
  let specification: FileSpecification
  let time: TimeReader
  let cache: IndexCache

  /// The index of a file as it is now, and where it is kept.
  func index(of path: String) async throws(FileFault) -> (FileIndex, IndexCache.Entry) {
    let entry = try await BlockingWork.run { [self] _ throws(FileFault) in
      try cache.entry(for: path, specification)
    }
    if let known = try await load(entry) { return (known, entry) }
    let lock = try await BlockingWork.run { [cache] _ throws(FileFault) in try cache.lock(entry) }
    defer { withExtendedLifetime(lock) {} }
    if let known = try await load(entry) { return (known, entry) }
    let index = try await make(entry)
    try await BlockingWork.run { [cache] _ throws(FileFault) in
      try cache.store(index, at: entry)
    }
    return (index, entry)
  }

  private func load(_ entry: IndexCache.Entry) async throws(FileFault) -> FileIndex? {
    try await BlockingWork.run { [cache] _ throws(FileFault) in try cache.load(entry) }
  }

  private func make(_ entry: IndexCache.Entry) async throws(FileFault) -> FileIndex {
    let isPacked = FileSpecification.isPacked(entry.path)
    if isPacked { try await unpack(entry) }
    let findings = try await BlockingWork.run { [self] isCancelled throws(FileFault) in
      let file = try OpenFile(isPacked ? entry.copy : entry.path)
      let indexer = FileIndexer(specification: specification, time: time)
      let findings = try indexer.index(file, named: entry.path, isCancelled: isCancelled)
      guard try OpenFile(entry.path).identity() == entry.identity else {
        throw .changed(path: entry.path)
      }
      return findings
    }
    return FileIndex(
      identity: entry.identity, content: findings.content, header: findings.header,
      place: isPacked ? .copy : .file, blocks: findings.blocks)
  }

  private func unpack(_ entry: IndexCache.Entry) async throws(FileFault) {
    let room = try await BlockingWork.run { [cache] _ throws(FileFault) in
      try cache.roomForCopy()
    }
    let unpacker = FileUnpacker(
      path: entry.path, copy: entry.draft, room: room, folder: cache.folder)
    try await unpacker.unpack()
    try await BlockingWork.run { [cache] _ throws(FileFault) in try cache.keepCopy(of: entry) }
  }
}
