import Glibc

/// Prints what was measured.
enum Report {
  static func line(_ what: String, _ figure: String) {
    write("  \(what): \(figure)\n", to: STDOUT_FILENO)
  }

  /// Writes at once, so that what was measured is seen even when the rest fails.
  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    _ = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }

  static func rate(
    _ what: String, _ count: Int, _ run: (seconds: Double, usage: WorkerProcess.Usage)
  ) {
    let cpu = run.usage.processorSeconds
    line(
      what,
      "\(grouped(Double(count) / run.seconds))/s (\(count) in \(fixed(run.seconds)) s; "
        + "worker \(fixed(run.usage.peakMemory)) MB, \(fixed(cpu)) s of processor)")
  }

  static func fixed(_ value: Double) -> String {
    let scaled = Int((value * 100).rounded())
    return "\(scaled / 100).\(padded(scaled % 100, 2))"
  }

  static func grouped(_ value: Double) -> String {
    var digits = String(Int(value.rounded()))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }
}
