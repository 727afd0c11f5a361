import CLinux
import Glibc

/// The three descriptors that a program starts with.
///
/// Each has a number above 2, so that none is overwritten while they are put in their places.
struct StandardDescriptors: Sendable {
  let inOrder: [Descriptor]
}

/// A command made ready for the system: the program found, the environment laid out.
struct Spawn: Sendable {
  let path: String
  let arguments: [String]
  let environment: [String]?
  let workingDirectory: String?

  /// Finds the program, and puts `setpriv` and `prlimit` before it where they are needed.
  ///
  /// That is where the command asks for what only a process can do to itself: become another user,
  /// die with its parent, or bind itself. Each replaces itself by what follows, so that number,
  /// signals and exit code are the program's own.
  init(_ command: Command) throws(ProcessFailure) {
    let program = try Self.locate(command.program)
    let preparation = try Self.preparation(command)
    var words = preparation.isEmpty ? [] : ["setpriv"] + preparation + ["--"]
    if let limits = command.limits {
      words += [words.isEmpty ? "prlimit" : try Self.locate("prlimit")] + limits.arguments + ["--"]
    }
    path = try words.first.map(Self.locate) ?? program
    arguments = words + [words.isEmpty ? command.program : program] + command.arguments
    environment = Self.variables(command.environment)
    workingDirectory = command.workingDirectory
  }

  /// Starts the program and returns its number.
  func run(_ descriptors: StandardDescriptors) throws(ProcessFailure) -> pid_t {
    defer { withExtendedLifetime(descriptors) {} }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in descriptors.inOrder.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, source.number, Int32(target))
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    if let workingDirectory {
      posix_spawn_file_actions_addchdir_np(&actions, workingDirectory)
    }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    Self.resetSignals(&attributes)

    var id: pid_t = 0
    let code = withCStrings(arguments) { argv in
      guard let environment else {
        return posix_spawn(&id, path, &actions, &attributes, argv, linux_environment())
      }
      return withCStrings(environment) { envp in
        posix_spawn(&id, path, &actions, &attributes, argv, envp)
      }
    }
    guard code == 0 else { throw .notStarted(program: path, code: code) }
    return id
  }

  private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | linux_spawn_new_session
    posix_spawnattr_setflags(&attributes, flags)
  }

  private static func locate(_ name: String) throws(ProcessFailure) -> String {
    if name.contains("/") {
      guard Program.isExecutable(name) else { throw .programNotFound(name) }
      return name
    }
    let path = getenv("PATH").map { String(cString: $0) }
    guard let found = Program.find(name, in: Program.folders(ofPath: path)) else {
      throw .programNotFound(name)
    }
    return found
  }

  private static func preparation(_ command: Command) throws(ProcessFailure) -> [String] {
    var options: [String] = []
    if let user = command.user {
      guard let account = Account.named(user) else { throw .userUnknown(user) }
      if account.userID != geteuid() {
        options += ["--reuid=\(account.userID)", "--regid=\(account.groupID)", "--init-groups"]
      }
    }
    if command.endsWithParent { options += ["--pdeathsig", "KILL"] }
    if command.limits != nil { options += ["--no-new-privs"] }
    return options
  }

  /// Nil stands for the variables of this process as they are.
  private static func variables(_ environment: Command.Environment) -> [String]? {
    switch environment {
    case .inherited: nil
    case .inheritedAdding(let added): inheritedVariables(without: added) + lines(added)
    case .only(let exact): lines(exact)
    }
  }

  private static func lines(_ variables: [String: String]) -> [String] {
    variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func inheritedVariables(without replaced: [String: String]) -> [String] {
    var found: [String] = []
    var entry = linux_environment()
    while let text = entry?.pointee {
      let line = String(cString: text)
      let name = String(line.prefix { $0 != "=" })
      if replaced[name] == nil { found.append(line) }
      entry = entry?.advanced(by: 1)
    }
    return found
  }
}

/// Lends `texts` as an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = texts.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else {
      preconditionFailure("the array holds at least the null pointer")
    }
    return body(base)
  }
}
