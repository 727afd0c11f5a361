import Connectors
import Domain
import Foundation
import Stores

/// What the runs of one backfill share in a process: its definition, its connector, its gate.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class BackfillWork: @unchecked Sendable {
  let row: BackfillRow
  let source: SourceDefinition
  let stream: StreamDefinition
  let connector: any Connector
  /// What asks the source once more; nil where the backfill does not verify.
  let verifier: (any SourceVerifier)?
  /// The zone in which the stream counts days.
  let zone: Zone
  let evaluator: RecordEvaluator
  let gate: SourceGate
  private let lock = NSLock()
  private var probing = ProbeDecision()

  init(
    row: BackfillRow, source: SourceDefinition, stream: StreamDefinition,
    connector: any Connector, verifier: (any SourceVerifier)?, zone: Zone,
    evaluator: RecordEvaluator, gate: SourceGate
  ) {
    self.row = row
    self.source = source
    self.stream = stream
    self.connector = connector
    self.verifier = verifier
    self.zone = zone
    self.evaluator = evaluator
    self.gate = gate
  }

  /// Whether the next batch is sent without payloads.
  var shouldProbe: Bool { lock.withLock { probing.shouldProbe } }

  /// Learns from what became of a batch.
  func learn(from counts: OutcomeCounts) {
    lock.withLock { probing.learn(from: counts) }
  }

  /// Learns that a probe met something new or changed.
  func probeFailed() {
    lock.withLock { probing.probeFailed() }
  }
}
