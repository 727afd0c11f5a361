import Postgres
import Synchronization

/// Collects the plans that `auto_explain` tells of as notices.
final class PlanLog: Sendable {
  private let texts = Mutex<[String]>([])

  /// Has a session tell the plan of every statement that it runs, those inside functions too.
  static let start = """
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_buffers = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_level = notice;
    """

  func note(_ message: ServerMessage) {
    texts.withLock { $0.append(message.message) }
  }

  /// The plans told so far; forgets them.
  func take() -> [String] {
    texts.withLock { texts in
      defer { texts = [] }
      return texts.filter { $0.contains("plan:") }
    }
  }

  /// The steps of plans that read a table in a way.
  static func steps(_ way: String, in plans: [String]) -> [String] {
    plans.flatMap { plan in
      plan.split(separator: "\n").map(String.init).filter { $0.contains(way) }
    }
  }

  /// How many rows the steps that read tables or indexes gave, over all their loops.
  static func rowsRead(in plans: [String]) -> Int {
    steps(" on ", in: plans).reduce(0) { sum, line in
      guard line.contains("Scan"), !line.contains("CTE Scan"),
        let match = line.firstMatch(of: /actual rows=(\d+) loops=(\d+)/),
        let rows = Int(match.1), let loops = Int(match.2)
      else { return sum }
      return sum + rows * loops
    }
  }

  /// How many pages of shared buffers the statements touched.
  static func pagesTouched(in plans: [String]) -> Int {
    plans.reduce(0) { sum, plan in
      guard let match = plan.firstMatch(of: /Buffers: shared hit=(\d+)/) else { return sum }
      return sum + (Int(match.1) ?? 0)
    }
  }
}
