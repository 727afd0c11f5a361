/// How a program that was run to its end ended, and what it wrote.
public struct ProcessResult: Sendable, Equatable {
  /// How it ended.
  public let status: ExitStatus
  /// The beginning of its standard output.
  public let output: ProcessOutput.Captured
  /// The beginning of its standard error.
  public let errors: ProcessOutput.Captured
}

extension Command {
  /// Runs the program to its end and keeps the first `limit` bytes of each output.
  ///
  /// However the program ends is a result; an error means that it could not be run, or that the task
  /// was cancelled, which ends the program and its group first.
  public func run(keeping limit: Int = 1 << 20) async throws -> ProcessResult {
    try await withProcess(output: .streamed, errors: .streamed) { process in
      async let output = process.output.collected(upTo: limit)
      async let errors = process.errors.collected(upTo: limit)
      let result = ProcessResult(
        status: await process.wait(), output: try await output, errors: try await errors)
      try Task.checkCancellation()
      return result
    }
  }

  /// Runs the program and returns its standard output; anything but success is an error that carries
  /// the first words of standard error.
  @discardableResult
  public func runExpectingSuccess(keeping limit: Int = 1 << 20) async throws -> String {
    let result = try await run(keeping: limit)
    guard result.status.isSuccess else {
      throw failure(result.status, result.errors)
    }
    return result.output.text
  }

  /// Runs the program and lends its standard output to `body` while it is being written.
  ///
  /// A `body` that returns before the end stops the program, and that is fine; if it has read to the
  /// end, the program must have succeeded, so that a torn output never passes for a whole one.
  public nonisolated(nonsending) func reading<Value>(
    _ body: nonisolated(nonsending) (ProcessOutput) async throws -> Value
  ) async throws -> Value {
    try await withProcess(output: .streamed, errors: .streamed) { process in
      async let errors = process.errors.collected(upTo: 4096)
      // Stopped here already if `body` throws: `errors` is waited for on the way out, and ends only
      // with the program.
      let value = try await process.stopping { try await body(process.output) }
      guard await process.output.wasReadToEnd() else {
        await process.stop()
        return value
      }
      let status = await process.wait()
      guard status.isSuccess else { throw failure(status, try await errors) }
      return value
    }
  }

  /// Starts the program for the time of `body`, then stops it if it still runs.
  ///
  /// Cancelling the task stops the program at once; this returns only after it has been reaped.
  @discardableResult
  public nonisolated(nonsending) func withProcess<Value>(
    output: Output = .discarded, errors: Output = .discarded,
    _ body: nonisolated(nonsending) (RunningProcess) async throws -> Value
  ) async throws -> Value {
    let process = try await start(output: output, errors: errors)
    let value = try await withTaskCancellationHandler {
      try await process.stopping { try await body(process) }
    } onCancel: {
      process.beginToStop()
    }
    await process.stop()
    return value
  }

  private func failure(
    _ status: ExitStatus, _ errors: ProcessOutput.Captured
  ) -> ProcessFailure {
    let text = errors.text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return .failed(program: program, status: status, errors: text)
  }
}

extension RunningProcess {
  /// Runs `body`; if it throws, the program is stopped before the error goes on.
  fileprivate nonisolated(nonsending) func stopping<Value>(
    onError body: nonisolated(nonsending) () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch {
      await stop()
      throw error
    }
  }
}
