import Arguments
import Glibc
import Processes
import Testing

private func installed(_ program: String) -> Bool {
  let path = getenv("PATH").map { String(cString: $0) }
  return Program.find(program, in: Program.folders(ofPath: path)) != nil
}

/// Drives real shells: what they offer is what a person would see.
@Suite struct CompletionTests {
  @Test(
    "bash offers what can stand next",
    .enabled(if: installed("bash"), "bash is not installed"),
    arguments: [
      (["tool", ""], "apply completion show submit tokens"),
      (["tool", "su"], "submit"),
      (["tool", "--"], "--database --help --json --version"),
      (["tool", "tokens", ""], "create list"),
      (["tool", "--database", "submit", "tokens", "c"], "create"),
      (["tool", "--database", "=", "x", "tokens", "c"], "create"),
      (["tool", "submit", "--o"], "--order"),
      (["tool", "submit", "--order", ""], "newest oldest strict"),
      (["tool", "submit", "--order", "=", "s"], "strict"),
      (["tool", "submit", "--order", "="], "newest oldest strict"),
      (["tool", "submit", "--order", "strict", "-w"], "-w"),
      (["tool", "submit", "shop."], "shop.items shop.orders"),
      (["tool", "completion", ""], "bash fish zsh"),
      (["tool", "tokens", "create", "--role", "a"], "admin"),
      (["tool", "submit", "--from", ""], ""),
      (["tool", "apply", "-f", "/proc/self/cmdlin"], "/proc/self/cmdline"),
    ])
  func bash(words: [String], offered: String) async throws {
    let driver = """
      tool() { [[ "$1" == __complete && "$2" == streams ]] && printf 'shop.items\\nshop.orders\\n'; }
      compopt() { :; }
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
      _tool
      printf '%s\\n' "${COMPREPLY[@]}" | sort | uniq
      """
    let script = sampleTable.completionScript(for: .bash) + driver
    let command = Command("bash", ["--norc", "-uc", script, "driver"] + words)
    let answer = try await command.runExpectingSuccess()
    #expect(answer.split(separator: "\n").joined(separator: " ") == offered)
  }

  @Test("bash takes the script as it is", .enabled(if: installed("bash"), "bash is not installed"))
  func bashSyntax() async throws {
    try await check(.bash, with: Command("bash", ["-n"]))
  }

  @Test("zsh takes the script as it is", .enabled(if: installed("zsh"), "zsh is not installed"))
  func zshSyntax() async throws {
    try await check(.zsh, with: Command("zsh", ["-n", "/dev/stdin"]))
  }

  @Test("fish takes the script as it is", .enabled(if: installed("fish"), "fish is not installed"))
  func fishSyntax() async throws {
    try await check(.fish, with: Command("fish", ["--no-execute", "/dev/stdin"]))
  }

  @Test(
    "fish offers what can stand next", .enabled(if: installed("fish"), "fish is not installed"),
    arguments: [
      ("tool ", "apply completion show submit tokens"),
      ("tool tokens ", "create list"),
      ("tool --database submit tokens c", "create"),
      ("tool submit --order ", "newest oldest strict"),
      ("tool submit --order=s", "--order=strict"),
      ("tool submit shop.", "shop.items shop.orders"),
      ("tool submit --o", "--order"),
    ])
  func fish(line: String, offered: String) async throws {
    let driver = """
      function tool; printf 'shop.items\\nshop.orders\\n'; end
      complete -C $argv[1] | string replace -r '\\t.*' '' | sort -u
      """
    let script = sampleTable.completionScript(for: .fish) + driver
    let command = Command("fish", ["--no-config", "-c", script, line])
    let answer = try await command.runExpectingSuccess()
    #expect(answer.split(separator: "\n").joined(separator: " ") == offered)
  }

  @Test(
    "zsh offers what can stand next", .enabled(if: installed("zsh"), "zsh is not installed"),
    arguments: [
      (["tool", ""], "apply completion show submit tokens"),
      (["tool", "tokens", ""], "create list"),
      (["tool", "--database", "submit", "tokens", "c"], "create"),
      (["tool", "submit", "--order", ""], "newest oldest strict"),
      (["tool", "submit", "--order=s"], "strict"),
      (["tool", "submit", "shop."], "shop.items shop.orders"),
      (["tool", "submit", "--o"], "--order"),
      (["tool", "submit", "--from", ""], ""),
    ])
  func zsh(words: [String], offered: String) async throws {
    // What zsh's own completion system would do with the offers, less the drawing.
    let driver = """
      tool() { printf 'shop.items\nshop.orders\n'; }
      compset() { PREFIX="${PREFIX#*=}"; }
      compadd() { shift; offers+=("$@"); }
      _describe() { for offer in "${(P@)@[-1]}"; do offers+=("${offer%%:*}"); done; }
      words=("$@") CURRENT=$# PREFIX="${@[-1]}" offers=()
      _tool
      for offer in "${(o)offers[@]}"; do [[ "$offer" == "$PREFIX"* ]] && print -r -- "$offer"; done
      true
      """
    let script =
      "compdef() { :; }\n" + sampleTable.completionScript(for: .zsh) + driver
    let command = Command("zsh", ["-fc", script, "driver"] + words)
    let answer = try await command.runExpectingSuccess()
    #expect(answer.split(separator: "\n").joined(separator: " ") == offered)
  }

  private func check(_ shell: Shell, with command: Command) async throws {
    var command = command
    command.input = .bytes(Array(sampleTable.completionScript(for: shell).utf8))
    let result = try await command.run()
    #expect(result.status.isSuccess)
    #expect(result.errors.text == "")
  }
}
