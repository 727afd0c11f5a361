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
    let lock = try await BlockingWork.run { [cache] isCancelled throws(FileFault) in
      try cache.lock(entry, isCancelled: isCancelled)
    }
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
    return try await BlockingWork.run { [self] isCancelled throws(FileFault) in
      let data = isPacked ? entry.copy : entry.path
      let indexer = FileIndexer(
        specification: specification, time: time, blockSize: cache.sizes.block)
      let findings = try indexer.index(
        try OpenFile(data), named: entry.path, isCancelled: isCancelled)
      let ordered = try orderedBlocks(findings, of: data, entry, isCancelled)
      guard try OpenFile(entry.path).identity() == entry.identity else {
        throw .changed(path: entry.path)
      }
      return FileIndex(
        identity: entry.identity, content: findings.content, header: findings.header,
        place: isPacked || ordered != nil ? .copy : .file, blocks: ordered ?? findings.blocks)
    }
  }

  /// Makes a copy in the order of time and returns its blocks; nil where that is not worth it, or
  /// there is no room for it.
  private func orderedBlocks(
    _ findings: FileIndexer.Findings, of data: String, _ entry: IndexCache.Entry,
    _ isCancelled: () -> Bool
  ) throws(FileFault) -> [Block]? {
    let file = try OpenFile(data)
    let length = try file.identity().size
    guard findings.canBeOrdered, length >= cache.sizes.ordered,
      FileOrdering.readings(of: findings.blocks) >= FileOrdering.worthwhileReadings,
      try cache.roomForCopy() >= length
    else { return nil }
    let ordering = FileOrdering(specification: specification, time: time, sizes: cache.sizes)
    let blocks = try ordering.write(
      file, named: entry.path, findings, to: try OutputFile(entry.draft, in: cache.folder),
      isCancelled: isCancelled)
    try cache.keepCopy(of: entry)
    return blocks
  }

  private func unpack(_ entry: IndexCache.Entry) async throws(FileFault) {
    let room = try await BlockingWork.run { [cache] _ throws(FileFault) in
      try cache.roomForCopy()
    }
    let unpacker = FileUnpacker(
      path: entry.path, copy: entry.draft, room: room, folder: cache.folder)
    do throws(FileFault) {
      try await unpacker.unpack()
    } catch {
      try await BlockingWork.run { _ throws(FileFault) in
        // A file that is still being written is no broken one.
        guard try OpenFile(entry.path).identity() == entry.identity else {
          throw .changed(path: entry.path)
        }
      }
      throw error
    }
    try await BlockingWork.run { [cache] _ throws(FileFault) in try cache.keepCopy(of: entry) }
  }
}
