import Domain
import Stores

@testable import Operations

extension RunControl {
  /// The control of a run of some partition.
  static var any: RunControl {
    RunControl(
      HeldPartition(id: PartitionID(backfill: BackfillID(rawValue: 1), number: 1), fence: 1),
      failures: 0, at: Instant(microseconds: 0))
  }
}
