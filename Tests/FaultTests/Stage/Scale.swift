import Foundation

/// How much the fault tests do: little in every run, and `BACKFILL_SOAK` times as much by hand.
enum Scale {
  /// How many times as much as in an ordinary run.
  static let factor = number("BACKFILL_SOAK") ?? 1
  /// Where the random choices begin.
  static let seed = UInt64(number("BACKFILL_SEED") ?? 20_260_301)
  /// Whether workers write their log to standard error.
  static let showsLogs = ProcessInfo.processInfo.environment["BACKFILL_FAULT_LOG"] != nil

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap(Int.init)
  }
}

/// Writes a figure that a test measured.
///
/// A zero says little without the number of trials: none in n bounds the rate at 3/n (95 %).
func report(_ line: String) {
  FileHandle.standardOutput.write(Data("    figure: \(line)\n".utf8))
}

/// "0 of 60, so below 5 % of trials": how many of so many trials went wrong, and what that bounds.
func rate(_ count: Int, of trials: Int) -> String {
  guard count == 0, trials > 0 else { return "\(count) of \(trials)" }
  let percent = String(format: "%.2g", 300 / Double(trials))
  return "0 of \(trials), which bounds the rate at \(percent) %"
}
