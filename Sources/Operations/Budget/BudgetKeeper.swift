import Domain
import Foundation
import Stores

/// The request budgets of the sources that this process asks, one for each.
///
/// `@unchecked Sendable`: what changes is guarded by `lock`.
final class BudgetKeeper: @unchecked Sendable {
  private let store: BudgetStore
  private let outage: DatabaseOutage
  private let surroundings: Surroundings
  private let lock = NSLock()
  private var budgets: [Int32: SourceBudget] = [:]

  init(_ surroundings: Surroundings, outage: DatabaseOutage) {
    store = BudgetStore(pool: surroundings.pool)
    self.outage = outage
    self.surroundings = surroundings
  }

  /// The budget of a source, which all of its readers in this process share.
  func budget(of source: Int32, named name: String) -> SourceBudget {
    lock.withLock {
      if let known = budgets[source] { return known }
      let new = SourceBudget(
        of: source, named: name, store: store, outage: outage, surroundings: surroundings)
      budgets[source] = new
      return new
    }
  }

  /// Says, until the task is cancelled, which requests are still under way.
  func run() async {
    while !Task.isCancelled {
      do { try await Task.sleep(for: .microseconds(SourceBudget.lease / 3)) } catch { return }
      for budget in lock.withLock({ Array(budgets.values) }) { await budget.renew() }
    }
  }

  /// Hears that something about a source was changed or held; nil where that may be any source.
  func heard(of source: Int32?) {
    let known = lock.withLock {
      source.map { [budgets[$0]].compactMap(\.self) } ?? Array(budgets.values)
    }
    for budget in known { budget.refresh() }
  }
}
