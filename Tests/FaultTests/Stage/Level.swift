/// How many are at something at once.
actor Level {
  private var present = 0
  private(set) var highest = 0

  /// Is there while `body` runs.
  func during(_ body: @Sendable () async -> Void) async {
    present += 1
    highest = max(highest, present)
    await body()
    present -= 1
  }
}
