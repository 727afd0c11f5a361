import Domain
import JSON
import Processes

/// One run of a program, read page by page to its end.
actor ProcessRun {
  /// A page is given when its lines have so many bytes.
  static let pageBytes = 512 << 10
  /// A page is given when its first line is so old, so that a slow program's records are kept soon.
  static let pageAge = Duration.milliseconds(500)
  /// After so long without a record an empty page shows that the program lives.
  static let lifeSign = Duration.seconds(240)

  private let process: RunningProcess
  private let egress: EgressGuard?
  private let isIsolated: Bool
  private let folder: RunFolder
  private let ending: ProcessStream.Ending
  private let launcher: ProcessLauncher
  private var messages: MessageReader
  private let lastWords = LastWords()
  private let listening: Task<Void, Never>
  /// What came and was not given yet: whole lines and the beginning of another.
  private var buffer: [UInt8] = []
  /// How many bytes of the buffer are whole lines.
  private var wholeLength = 0
  private var lastRead = ContinuousClock.now
  /// What the next page will be refused with: the records before it had to be given first.
  private var failure: SourceFailure?

  /// Starts the program.
  init(
    _ program: PreparedProgram, in folder: RunFolder, messages: MessageReader,
    ending: ProcessStream.Ending, launcher: ProcessLauncher
  ) async throws(SourceFailure) {
    self.folder = folder
    self.ending = ending
    self.launcher = launcher
    self.messages = messages
    egress = program.egress
    isIsolated = program.protection.machine == .isolated
    do throws(ProcessFailure) {
      process = try await program.command.start(output: .streamed, errors: .streamed)
    } catch {
      program.egress?.stop()
      throw launcher.words.notRun(error)
    }
    listening = Task { [lastWords, errors = process.errors] in await lastWords.take(errors) }
  }

  /// Ends the program and its group, and returns once they are gone.
  func end() async {
    await process.stop()
    if !isIsolated { await Stragglers(of: folder.path).end() }
    await listening.value
    egress?.stop()
  }

  /// The records that come next, with the state behind which they lie.
  func page() async throws(SourceFailure) -> Page {
    if let failure { throw failure }
    let result = await withTaskCancellationHandler {
      await nextPage()
    } onCancel: {
      process.beginToStop()
    }
    return try result.get()
  }
}

// Reading
extension ProcessRun {
  private func nextPage() async -> Result<Page, SourceFailure> {
    do throws(SourceFailure) {
      let startedAt = ContinuousClock.now
      while true {
        let isAtEnd = try await fill()
        let page = try await take(isAtEnd: isAtEnd)
        if let page { return .success(page) }
        if ContinuousClock.now - startedAt > Self.lifeSign { return .success(emptyPage) }
      }
    } catch {
      return .failure(error)
    }
  }

  /// Reads until there are lines enough for a page, or they have waited long enough; true at the end.
  private func fill() async throws(SourceFailure) -> Bool {
    var firstAt: ContinuousClock.Instant?
    while true {
      if wholeLength >= Self.pageBytes { return false }
      if buffer.count - wholeLength > ProcessLimits.lineBytes {
        process.beginToStop()
        throw launcher.words.endlessLine
      }
      if wholeLength > 0, firstAt == nil { firstAt = .now }
      let patience = firstAt.map { Self.pageAge - (.now - $0) } ?? .seconds(1)
      if patience <= .zero { return false }
      guard let chunk = try await read(within: patience) else { return true }
      if let end = chunk.lastIndex(of: UInt8(ascii: "\n")) { wholeLength = buffer.count + end + 1 }
      buffer += chunk
      if chunk.isEmpty, firstAt == nil { try await checkForLife() }
    }
  }

  private func read(within patience: Duration) async throws(SourceFailure) -> [UInt8]? {
    do {
      let chunk = try await process.output.next(within: patience)
      if chunk?.isEmpty == false { lastRead = .now }
      return chunk
    } catch let failure as ProcessFailure {
      throw launcher.words.notRun(failure)
    } catch {
      throw SourceFailure(.network, "The reading was cancelled.")
    }
  }

  private func checkForLife() async throws(SourceFailure) {
    let lastLife = max(lastRead, await lastWords.lastWrite)
    let idle = launcher.source.limits.idleSeconds
    guard ContinuousClock.now - lastLife > .seconds(idle) else { return }
    process.beginToStop()
    throw launcher.words.silent(idle)
  }

  /// The page of the whole lines that came; nil where they say nothing that matters.
  private func take(isAtEnd: Bool) async throws(SourceFailure) -> Page? {
    let before = messages.state
    let lines = Array(buffer[..<wholeLength])
    buffer.removeFirst(wholeLength)
    wholeLength = 0
    let reading = lines.withUnsafeBytes { messages.read($0) }
    if isAtEnd, reading.failure == nil {
      failure = await verdict(isCutOff: !buffer.isEmpty)
    } else {
      failure = reading.failure
    }
    if failure != nil { process.beginToStop() }
    let hasNews = !reading.scan.records.isEmpty || messages.state != before
    if let failure, !hasNews { throw failure }
    let isLast = isAtEnd && failure == nil
    guard hasNews || isLast else { return nil }
    return Page(
      bytes: lines, scan: reading.scan,
      next: isLast ? nil : ProcessCursor(state: messages.state).text, requests: 0)
  }

  private var emptyPage: Page {
    Page(
      bytes: [], scan: .empty, next: ProcessCursor(state: messages.state).text, requests: 0)
  }
}

// The end
extension ProcessRun {
  /// What is wrong with the end of the program; nil for success.
  private func verdict(isCutOff: Bool) async -> SourceFailure? {
    let words = launcher.words
    guard let ended = await statusInTime() else { return words.lingering }
    let status = isIsolated ? ended.ofSandboxed : ended
    await listening.value
    guard status.isSuccess else {
      return words.ended(
        status, seconds: launcher.source.limits.wholeSeconds, errors: await lastWords.line,
        refusal: egress?.refusal)
    }
    if isCutOff { return words.cutOff }
    if ending == .marked, !messages.hasFinished { return words.unfinished(launcher.source.dialect) }
    return nil
  }

  /// How the program ended; nil where it closed its output and would not end.
  private func statusInTime() async -> ExitStatus? {
    let limit = Duration.seconds(launcher.source.limits.idleSeconds)
    return await withTaskGroup(of: ExitStatus?.self) { group in
      group.addTask { [process] in await process.wait() }
      group.addTask {
        // Cancelled when the program has ended.
        do { try await Task.sleep(for: limit) } catch { return nil }
        return nil
      }
      let first = await group.next() ?? nil
      if first == nil { process.beginToStop() }
      group.cancelAll()
      return first
    }
  }
}

extension ExitStatus {
  /// Bubblewrap ends with 128 and the number of the signal that ended its program.
  fileprivate var ofSandboxed: ExitStatus {
    if case .exited(let code) = self, code > 128 { .signalled(code - 128) } else { self }
  }
}
