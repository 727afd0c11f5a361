/// How the program ends, for scripts.
enum ExitCode: Int32, Sendable {
  /// It was done.
  case done = 0
  /// The operation failed.
  case failed = 1
  /// The command line, or what it names, cannot be used.
  case usage = 2
  /// It ended, but not every partition succeeded.
  case incomplete = 3
  /// The database or server cannot be reached.
  case unreachable = 4
  /// The schema and the program do not fit.
  case schemaMismatch = 5
  /// The data differ.
  case different = 6
  /// It was refused.
  case refused = 7
}
