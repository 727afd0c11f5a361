/// The tables of states drawn as mermaid diagrams, for people who read the documentation.
public enum StateDiagram {
  /// The states of a partition.
  public static var partition: String {
    draw(
      initial: PartitionState.initial.map(\.rawValue),
      steps: PartitionState.transitions.map {
        Step(from: $0.from.rawValue, event: $0.event.rawValue, to: $0.to.rawValue, by: $0.actors)
      },
      terminal: PartitionState.allCases.filter(\.isTerminal).map(\.rawValue))
  }

  /// The states of a backfill.
  public static var backfill: String {
    draw(
      initial: BackfillState.initial.map(\.rawValue),
      steps: BackfillState.transitions.map {
        Step(from: $0.from.rawValue, event: $0.event.rawValue, to: $0.to.rawValue, by: $0.actors)
      },
      terminal: BackfillState.allCases.filter(\.isTerminal).map(\.rawValue))
  }

  private struct Step {
    var from: String
    var event: String
    var to: String
    var by: Set<Participant>

    var line: String {
      let actors = by.map(\.rawValue).sorted().joined(separator: ", ")
      return "  \(from) --> \(to): \(event.replacing("_", with: " ")) (\(actors))"
    }
  }

  private static func draw(initial: [String], steps: [Step], terminal: [String]) -> String {
    let lines =
      ["stateDiagram-v2"] + initial.map { "  [*] --> \($0)" } + steps.map(\.line)
      + terminal.map { "  \($0) --> [*]" }
    return lines.joined(separator: "\n") + "\n"
  }
}
