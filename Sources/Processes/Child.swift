import Glibc

/// One spawned program, alive or reaped.
///
/// `@unchecked Sendable`: everything that changes is touched on `ProcessThread.shared` only.
final class Child: @unchecked Sendable {
  let id: pid_t
  /// Becomes readable when the program ends, and names it safely even after its number was reused.
  let handle: Descriptor
  private(set) var life: ChildLife
  private var status: ExitStatus?
  private var waiters: [@Sendable (ExitStatus) -> Void] = []

  init(id: pid_t, handle: Descriptor, life: ChildLife) {
    self.id = id
    self.handle = handle
    self.life = life
  }

  func whenEnded(_ waiter: @escaping @Sendable (ExitStatus) -> Void) {
    if let status { waiter(status) } else { waiters.append(waiter) }
  }

  func advance(to now: ContinuousClock.Instant) {
    act(life.advance(to: now))
  }

  func stop(at now: ContinuousClock.Instant) {
    act(life.stop(at: now))
  }

  /// Called once the program has ended, while its number is still its own: kills what it left behind
  /// in its group, takes its status, and tells those who wait.
  func reap() {
    kill(-id, SIGKILL)
    var word: Int32 = 0
    while waitpid(id, &word, 0) < 0, errno == EINTR {}
    let ending = life.ranIntoDeadline ? ExitStatus.deadlinePassed : ExitStatus(waitStatus: word)
    status = ending
    for waiter in waiters { waiter(ending) }
    waiters = []
  }

  /// Reaching a group that has just vanished is no error: `reap` follows.
  private func act(_ action: ChildLife.Action?) {
    guard status == nil, let action else { return }
    switch action {
    case .terminate:
      kill(-id, SIGTERM)
      // A stopped program would never see the signal.
      kill(-id, SIGCONT)
    case .kill:
      kill(-id, SIGKILL)
    }
  }
}
