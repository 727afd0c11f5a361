/// Makes a session on the queue that its connection will run on.
actor Connector {
  private nonisolated let executor: QueueExecutor

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  init(executor: QueueExecutor) {
    self.executor = executor
  }

  func connect(_ settings: ConnectionSettings) throws(PostgresError) -> sending Session {
    try Session.connect(settings)
  }
}
