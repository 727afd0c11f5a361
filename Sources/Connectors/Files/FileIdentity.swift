import Glibc

/// What tells whether a file is still the one that was indexed.
struct FileIdentity: Hashable, Sendable {
  /// Its length in bytes.
  var size: Int64
  /// When it was last written, in nanoseconds since 1970.
  var modified: Int64
  /// Its number on its disk.
  var inode: UInt64

  /// An identity from its parts.
  init(size: Int64, modified: Int64, inode: UInt64) {
    self.size = size
    self.modified = modified
    self.inode = inode
  }

  /// The identity of an open file.
  init(of descriptor: Int32, path: String) throws(FileFault) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: systemMessage(errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is not a regular file")
    }
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    inode = UInt64(status.st_ino)
  }
}

/// A file that is open for reading, closed with the value.
struct OpenFile: ~Copyable {
  let path: String
  let descriptor: Int32

  /// Opens a file for reading.
  init(_ path: String) throws(FileFault) {
    // Without waiting, as a named pipe would let wait for ever before it can be refused.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    self.path = path
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { throw .missing(path: path) }
      throw .unreadable(path: path, reason: systemMessage(code))
    }
  }

  deinit { close(descriptor) }

  /// What tells whether it is still the same.
  func identity() throws(FileFault) -> FileIdentity {
    try FileIdentity(of: descriptor, path: path)
  }

  /// Goes to an offset; what is read next begins there.
  func seek(to offset: Int64) throws(FileFault) {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
      throw .unreadable(path: path, reason: systemMessage(errno))
    }
  }
}
