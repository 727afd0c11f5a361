import Domain
import JSON

/// Reads one page of a partition out of indexed files; blocks its thread.
struct FilePageReader: Sendable {
  let specification: FileSpecification
  let time: TimeReader
  let files: FileSet
  let bounds: PageBounds

  /// The page that begins at a cursor.
  ///
  /// A cursor of other files, or of other content, is void: the
  /// partition is then read from its beginning.
  func page(_ request: PageRequest, isCancelled: () -> Bool) throws(FileFault) -> Page {
    var page = PageBuilder(fieldCount: request.fields.count, bounds: bounds)
    var left = bounds.bytesRead
    var place = start(request)
    while let here = place, !page.isFull, left > 0 {
      place = try readFile(from: here, request, into: &page, &left, isCancelled)
    }
    return page.page(next: place?.text)
  }

  /// Reads on in one file until it or the page is through; returns where to go on.
  private func readFile(
    from start: FileCursor, _ request: PageRequest, into page: inout PageBuilder,
    _ left: inout Int64, _ isCancelled: () -> Bool
  ) throws(FileFault) -> FileCursor? {
    let file = files.files[start.file]
    let opened = try open(file)
    try judge(opened, file)
    var cutter = try specification.cutter(
      header: file.index.header, path: file.path, time: time, fields: request.fields)
    var place: FileCursor? = start
    while let here = place, here.file == start.file, !page.isFull, left > 0 {
      left -= file.index.blocks[here.block].end - here.offset
      place = try readBlock(at: here, opened, &cutter, request, into: &page)
      if isCancelled() { throw .cancelled }
    }
    // What was written to meanwhile may be half old and half new: none of it is taken.
    try judge(opened, file)
    return place
  }

  /// Reads on in one block until it or the page is through; returns where to go on.
  private func readBlock(
    at start: FileCursor, _ opened: borrowing OpenFile, _ cutter: inout any RecordCutter,
    _ request: PageRequest, into page: inout PageBuilder
  ) throws(FileFault) -> FileCursor? {
    let file = files.files[start.file]
    let length = file.index.blocks[start.block].end - start.offset
    try opened.seek(to: start.offset)
    var place = start
    var stream = RecordStream(
      opened.descriptor, path: file.path, from: start.offset, length: length)
    while try stream.advance(&cutter) {
      for (index, piece) in stream.pieces.enumerated() {
        place.offset = stream.base + Int64(piece.start)
        if page.isFull { return place }
        place.before = piece.time ?? place.before
        if request.window.contains(Instant(microseconds: place.before)) {
          cutter.write(index, of: stream.pieces, from: stream.bytes, into: &page)
        }
      }
    }
    return nextBlock(file: place.file, from: place.block + 1, meeting: request.window)
  }
}

// Places
extension FilePageReader {
  private func start(_ request: PageRequest) -> FileCursor? {
    if let cursor = request.cursor.flatMap({ FileCursor($0) }), cursor.files == files.mark,
      files.files.indices.contains(cursor.file),
      files.files[cursor.file].index.blocks.indices.contains(cursor.block),
      files.files[cursor.file].index.blocks[cursor.block].contains(cursor.offset)
    {
      return cursor
    }
    return nextBlock(file: 0, from: 0, meeting: request.window)
  }

  /// The next block in which records of the window may lie, in this file or a later one.
  private func nextBlock(file: Int, from block: Int, meeting window: Window) -> FileCursor? {
    var first = block
    for file in file..<max(file, files.files.count) {
      let blocks = files.files[file].index.blocks
      let found = blocks[min(first, blocks.count)...].firstIndex { $0.mayMeet(window) }
      if let found {
        return FileCursor(
          files: files.mark, file: file, block: found, offset: blocks[found].start,
          before: blocks[found].before)
      }
      first = 0
    }
    return nil
  }
}

// Files
extension FilePageReader {
  /// A copy that is gone was made of what the file held before, or was tidied away.
  private func open(_ file: IndexedFile) throws(FileFault) -> OpenFile {
    do throws(FileFault) {
      return try OpenFile(file.dataPath)
    } catch .missing where file.index.place == .copy {
      throw .changed(path: file.path)
    }
  }

  /// Throws where the file is no longer the one that was indexed.
  private func judge(
    _ opened: borrowing OpenFile, _ file: IndexedFile
  ) throws(FileFault) {
    let identity =
      file.index.place == .file
      ? try opened.identity() : try OpenFile(file.path).identity()
    guard identity == file.index.identity else { throw .changed(path: file.path) }
    if file.index.place == .copy, let end = file.index.blocks.last?.end {
      guard try opened.identity().size >= end else { throw .changed(path: file.path) }
    }
  }
}
