import Domain
import Postgres
import Stores

// Slots of the store for those who wait, as many at once as there are.
extension SourceBudget {
  /// As many slots as one statement grants at most.
  private static let block = 256
  /// A request under way whose process has died counts as ended after so many microseconds.
  static let lease: Int64 = 30_000_000
  /// How often it is looked whether a request under way has ended, in microseconds.
  private static let glance: Int64 = 50_000

  /// Asks for a line until nobody waits in it any more.
  func ask(for route: Route) async {
    while let line = lines[route], !line.waiters.isEmpty {
      guard let known else {
        answerAll(of: route, .again)
        break
      }
      let order = SlotOrder(
        source: source, revision: known.revision, limits: route.limits,
        count: min(line.waiters.count, Self.block), horizon: RequestBudget.patience,
        lease: Self.lease)
      do throws(PostgresError) {
        let asked = steady
        let grant = try await store.grantSlots(order)
        outage.over()
        clock.note(grant.now, asked: asked, answered: steady)
        await hand(grant, to: route, known)
      } catch {
        guard error.retryAdvice == .never else {
          await outage.wait(after: error)
          continue
        }
        answerAll(
          of: route,
          .failed(SourceFailure(.storeRefused, "The budget of \(name) gave nothing: \(error)")))
      }
    }
    lines[route] = nil
  }

  private func hand(_ grant: SlotGrant, to route: Route, _ known: KnownBudget) async {
    var unused: [Permit] = []
    for permit in grant.permits {
      if let waiter = lines[route]?.popFirst() {
        waiter.continuation.resume(returning: .permit(permit))
      } else {
        unused.append(permit)
      }
    }
    if !unused.isEmpty { await giveBack(unused) }
    switch grant.rest {
    case .none: return
    case .later(let wait, let limit): await giveUp(route, known, after: wait, limit)
    case .full(let limit): await waitForEnd(of: limit, route)
    case .unknownLimits:
      self.known = nil
      answerAll(of: route, .again)
    }
  }

  /// Sends those away for whom there is nothing within a moment, each until about its turn.
  private func giveUp(_ route: Route, _ known: KnownBudget, after wait: Int64, _ limit: String?)
    async
  {
    let reason = limit.map { "its limit \($0) is used up." } ?? "it asked for patience."
    let spacing = known.spacing(of: route)
    for (place, waiter) in (lines[route]?.popAll() ?? []).enumerated() {
      let more = spacing.multipliedReportingOverflow(by: Int64(place))
      let turn = wait.addingReportingOverflow(more.overflow ? 0 : more.partialValue)
      waiter.continuation.resume(
        returning: .failed(waiting(turn.overflow ? wait : turn.partialValue, because: reason)))
    }
    // Where all requests are counted, no partition is claimed before there is a slot for it.
    guard known.limits.values.contains(where: { $0.name == limit && $0.scope == .source }) else {
      return
    }
    gate.hold(for: wait, because: "Waiting for \(name): \(reason)")
    await hold([], for: wait, reason: reason)
  }

  private func waitForEnd(of limit: String, _ route: Route) async {
    let early = ContinuousClock.now - .microseconds(RequestBudget.patience)
    for waiter in lines[route]?.popThose(before: early) ?? [] {
      waiter.continuation.resume(
        returning: .failed(
          waiting(
            RequestBudget.patience,
            because: "as many requests as its limit \(limit) allows are under way.")))
    }
    await sleep(Self.glance)
  }

  private func answerAll(of route: Route, _ answer: WaitingLine.Answer) {
    for waiter in lines[route]?.popAll() ?? [] { waiter.continuation.resume(returning: answer) }
  }

  /// Gives permits back that are not used.
  func giveBack(_ permits: [Permit]) async {
    do throws(PostgresError) {
      try await store.giveBack(permits.flatMap(\.shares), holders: permits.flatMap(\.holders))
    } catch {
      // What does not come back is wasted, and what was under way ends by itself.
      surroundings.tell(
        .troubled(part: "budget", message: "Slots of \(name) could not be given back: \(error)"))
    }
  }
}
