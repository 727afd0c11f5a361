/// What each process of a program may use of the system; it can lower these bounds but not raise them.
///
/// A program that is bounded can gain no privileges either, and leaves no core file.
public struct ResourceLimits: Sendable, Hashable {
  /// Bytes of address space.
  public var memory: Int
  /// Processes and threads of the program's user together; root is not bound by it.
  public var processes: Int
  /// Open files.
  public var openFiles: Int
  /// Bytes of any one file that is written.
  public var fileSize: Int

  /// Bounds on what a program may use.
  public init(memory: Int, processes: Int, openFiles: Int, fileSize: Int) {
    self.memory = memory
    self.processes = processes
    self.openFiles = openFiles
    self.fileSize = fileSize
  }

  /// The arguments by which `prlimit` sets the bounds.
  var arguments: [String] {
    [
      "--as=\(memory)", "--nproc=\(processes)", "--nofile=\(openFiles)", "--fsize=\(fileSize)",
      "--core=0",
    ]
  }
}
