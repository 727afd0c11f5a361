import CLinux
import Glibc

/// A file descriptor that is closed when its last owner lets go of it.
///
/// The last use of the *object* is what counts: whoever hands `number` to the system keeps the object
/// alive until the system is done with it.
final class Descriptor: Sendable {
  let number: Int32

  init(owning number: Int32) {
    self.number = number
  }

  deinit {
    close(number)
  }

  /// Both ends of a new pipe; neither is inherited by a program that anybody starts.
  static func pipe() throws(ProcessFailure) -> (reading: Descriptor, writing: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .system(call: "pipe2", code: errno) }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }

  /// A file in memory that holds `bytes` and is read from its beginning.
  ///
  /// A program that reads its input from here can be slow, or not read it at all, without anybody
  /// having to feed it: there is no writer that could block or die of SIGPIPE.
  static func memory(holding bytes: [UInt8]) throws(ProcessFailure) -> Descriptor {
    let number = memfd_create("input", linux_memfd_close_on_exec)
    guard number >= 0 else { throw .system(call: "memfd_create", code: errno) }
    let file = Descriptor(owning: number)
    try file.write(bytes)
    guard lseek(number, 0, SEEK_SET) == 0 else { throw .system(call: "lseek", code: errno) }
    return file
  }

  /// Another number, above 2, for what an open descriptor stands for.
  static func duplicating(_ number: Int32) throws(ProcessFailure) -> Descriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .system(call: "fcntl", code: errno) }
    return Descriptor(owning: copy)
  }

  /// Another number, above 2, for the same open file.
  func duplicated() throws(ProcessFailure) -> Descriptor {
    try Self.duplicating(number)
  }

  static func opening(_ path: String, flags: Int32) throws(ProcessFailure) -> Descriptor {
    let number = open(path, flags | O_CLOEXEC)
    guard number >= 0 else { throw .system(call: "open \(path)", code: errno) }
    return Descriptor(owning: number)
  }

  private func write(_ bytes: [UInt8]) throws(ProcessFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      if written < 0 {
        if errno == EINTR { continue }
        throw .system(call: "write", code: errno)
      }
      rest = rest.dropFirst(written)
    }
  }
}
