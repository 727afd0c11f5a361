import Domain
import Processes

/// Says what is wrong with a program, without the secrets that it may repeat.
struct ProcessWords: Sendable {
  /// The stream's full name.
  let stream: String
  /// The name of the program's file.
  let program: String
  /// Knows the secrets that the program was given.
  let redactor: Redactor

  /// A line that is no message.
  func rubbish(_ line: [UInt8]) -> SourceFailure {
    SourceFailure(
      .invalidPage,
      "\(program) wrote a line for \(stream) that is no message: \(redactor.excerpt(of: line))")
  }

  /// A line without end.
  var endlessLine: SourceFailure {
    SourceFailure(
      .invalidPage,
      "\(program) wrote more than \(ProcessLimits.lineBytes >> 20) MiB for \(stream) without "
        + "ending the line; it was stopped.")
  }

  /// Records in files, which would otherwise be lost in silence.
  var batch: SourceFailure {
    SourceFailure(
      .misconfigured,
      "\(program) gives \(stream) in files (BATCH messages), which are not read; switch its "
        + "batches off in config.")
  }

  /// A state that cannot be kept.
  var badState: SourceFailure {
    SourceFailure(.invalidPage, "\(program) wrote a STATE for \(stream) that cannot be read.")
  }

  /// A state that is too large to be kept with every batch.
  func largeState(_ bytes: Int) -> SourceFailure {
    SourceFailure(
      .invalidPage,
      "\(program) wrote a STATE of \(bytes) bytes for \(stream); a checkpoint holds at most "
        + "\(ProcessLimits.stateBytes).")
  }

  /// The program says itself that it read only a part.
  var incomplete: SourceFailure {
    SourceFailure(.unavailable, "\(program) says that it could not read all of \(stream).")
  }

  /// The program says itself what is wrong.
  func told(_ kind: String, _ message: String) -> SourceFailure {
    SourceFailure(
      kind == "config_error" ? .misconfigured : .unavailable,
      "\(program) cannot read \(stream): \(redactor.excerpt(of: Array(message.utf8)))")
  }

  /// Silence.
  func silent(_ seconds: Int) -> SourceFailure {
    SourceFailure(
      .timeout,
      "\(program) said nothing about \(stream) for \(seconds) s and was stopped; allow more by "
        + "limits.idle_seconds.")
  }

  /// The program closed its output and stayed.
  var lingering: SourceFailure {
    SourceFailure(
      .timeout, "\(program) closed its output for \(stream) but did not end, and was stopped.")
  }

  /// Half a line at the end.
  var cutOff: SourceFailure {
    SourceFailure(
      .invalidPage, "\(program) ended in the middle of a line; \(stream) is not whole.")
  }

  /// An end with code 0 that is none.
  func unfinished(_ dialect: ProcessSource.Dialect) -> SourceFailure {
    let missing =
      switch dialect {
      case .singer: "a STATE behind its last record"
      case .airbyte: "the stream status COMPLETE"
      }
    return SourceFailure(
      .invalidPage,
      "\(program) ended with code 0 but without \(missing), so \(stream) may not be whole; if it "
        + "never writes that, set ending to \"exit\".")
  }

  /// An end that is no success, with the last words of standard error and what the egress guard
  /// refused last.
  func ended(
    _ status: ExitStatus, seconds: Int, errors: [UInt8], refusal: String? = nil
  ) -> SourceFailure {
    if status == .deadlinePassed {
      return SourceFailure(
        .timeout,
        "\(program) did not read \(stream) within \(seconds) s and was stopped; allow more by "
          + "limits.whole_seconds.")
    }
    let said = redactor.excerpt(of: errors)
    return SourceFailure(
      .unavailable,
      "\(program) \(status) while reading \(stream)\(said.isEmpty ? "." : ": \(said)")"
        + (refusal.map { " \($0)" } ?? ""))
  }

  /// The program could not be run.
  func notRun(_ failure: ProcessFailure) -> SourceFailure {
    switch failure {
    case .programNotFound, .userUnknown, .notStarted:
      SourceFailure(.misconfigured, failure.description)
    case .failed, .system: SourceFailure(.unavailable, failure.description)
    }
  }
}
