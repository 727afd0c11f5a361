import CLinux
import Glibc

/// A program that was started; its end is always noticed and its remains are always taken away.
///
/// Dropping this value does not end the program: whoever starts one says when it is to stop, or uses
/// `Command.withProcess`, which does.
public struct RunningProcess: Sendable {
  /// The number by which the system knows the program.
  public var id: Int32 { child.id }
  /// What the program writes to standard output; ends at once unless it is streamed.
  public let output: ProcessOutput
  /// What the program writes to standard error; ends at once unless it is streamed.
  public let errors: ProcessOutput

  fileprivate let child: Child
  fileprivate let thread: ProcessThread

  /// Sends a signal to the program alone; it is lost without harm if the program has ended.
  public func send(_ signal: Signal) {
    _ = linux_pidfd_send_signal(child.handle.number, signal.number)
  }

  /// Ends the program and its group with SIGTERM, after the command's grace with SIGKILL, and
  /// returns how it ended.
  @discardableResult
  public func stop() async -> ExitStatus {
    beginToStop()
    return await wait()
  }

  /// Waits until the program has ended.
  public func wait() async -> ExitStatus {
    await withCheckedContinuation { continuation in
      thread.perform { [child] in child.whenEnded { continuation.resume(returning: $0) } }
    }
  }

  /// Whether the program still runs; once false, it stays false.
  public var isRunning: Bool {
    var watched = pollfd(fd: child.handle.number, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 0) == 0
  }

  /// Asks the program and its group to end, as `stop` does, and returns at once.
  public func beginToStop() {
    thread.perform { [child] in child.stop(at: .now) }
  }
}

extension Command {
  /// Starts the program and returns while it runs; whoever starts it must stop it.
  public func start(
    output: Output = .discarded, errors: Output = .discarded
  ) async throws(ProcessFailure) -> RunningProcess {
    let thread = try ProcessThread.shared.get()
    let result = await withCheckedContinuation { continuation in
      thread.perform {
        continuation.resume(
          returning: Result { () throws(ProcessFailure) in
            try launch(output: output, errors: errors, on: thread)
          })
      }
    }
    return try result.get()
  }

  /// To be called on the thread.
  private func launch(
    output: Output, errors: Output, on thread: ProcessThread
  ) throws(ProcessFailure) -> RunningProcess {
    let spawn = try Spawn(self)
    let outputChannel = try OutputChannel(output, inherited: STDOUT_FILENO)
    let errorChannel = try OutputChannel(errors, inherited: STDERR_FILENO)
    let descriptors = StandardDescriptors(
      inOrder: [try inputDescriptor(), outputChannel.theirs, errorChannel.theirs])
    let id = try spawn.run(descriptors)
    let handle = linux_pidfd_open(id)
    guard handle >= 0 else {
      let code = errno
      kill(-id, SIGKILL)
      waitpid(id, nil, 0)
      throw .system(call: "pidfd_open", code: code)
    }
    let child = Child(
      id: id, handle: Descriptor(owning: handle),
      life: ChildLife(startedAt: .now, deadline: deadline, grace: grace))
    thread.adopt(child)
    return RunningProcess(
      output: outputChannel.reading(from: child), errors: errorChannel.reading(from: child),
      child: child, thread: thread)
  }

  private func inputDescriptor() throws(ProcessFailure) -> Descriptor {
    switch input {
    case .nothing:
      try Descriptor.opening("/dev/null", flags: O_RDONLY).duplicated()
    case .bytes(let bytes):
      try Descriptor.memory(holding: bytes).duplicated()
    case .descriptor(let number):
      try Descriptor.duplicating(number)
    }
  }
}

/// One output of a program to be: the end that it gets, and ours if we read it.
private struct OutputChannel {
  let theirs: Descriptor
  private let ours: Descriptor?

  init(_ output: Command.Output, inherited: Int32) throws(ProcessFailure) {
    switch output {
    case .discarded:
      theirs = try Descriptor.opening("/dev/null", flags: O_WRONLY).duplicated()
      ours = nil
    case .inherited:
      theirs = try Descriptor.duplicating(inherited)
      ours = nil
    case .descriptor(let number):
      theirs = try Descriptor.duplicating(number)
      ours = nil
    case .streamed:
      let (reading, writing) = try Descriptor.pipe()
      theirs = try writing.duplicated()
      ours = reading
    }
  }

  func reading(from child: Child) -> ProcessOutput {
    ProcessOutput(source: ours.map { PipeReader(pipe: $0, process: child.handle) })
  }
}
