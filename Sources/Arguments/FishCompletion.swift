/// Completion for the friendly interactive shell.
struct FishCompletion {
  let program: String
  let tree: [PlacedCommand]

  var script: String {
    """
    # Completion of \(program) for fish; load it with: \(program) completion fish | source
    function __\(program)_at
      set -l command ''
      set -l value ''
      for word in (commandline -opc)[2..-1]
        if test -n "$value"
          set value ''
          continue
        end
        switch "$command $word"
    \(descents)
    \(skips)
        end
      end
      test "$command" = "$argv[1]"
    end
    complete -c \(program) -f
    \(tree.flatMap(lines).joined(separator: "\n"))

    """
  }

  private var descents: String {
    tree.dropFirst().map { place in
      let parent = place.path.dropLast().joined(separator: " ")
      return """
              case '\(parent) \(place.command.name)'
                set command '\(place.key)'
        """
    }.joined(separator: "\n")
  }

  private var skips: String {
    tree.compactMap { place in
      let keys = place.valueOptions.flatMap(place.keys).map { "'\($0)'" }
      guard !keys.isEmpty else { return nil }
      return """
              case \(keys.joined(separator: " "))
                set value yes
        """
    }.joined(separator: "\n")
  }

  private func lines(of place: PlacedCommand) -> [String] {
    let condition = "complete -c \(program) -n \(quoted("__\(program)_at '\(place.key)'"))"
    let commands = place.listedSubcommands.map {
      "\(condition) -a \($0.command.name) -d \(quoted($0.command.summary))"
    }
    let arguments = place.command.arguments.prefix(1).compactMap { argument in
      offer(argument.allowed, argument.completion).map { "\(condition) \($0)" }
    }
    let options = place.options.map { option in
      let letter = option.letter.map { " -s \($0)" } ?? ""
      let value = option.valueName == nil ? "" : " -x"
      let offered = offer(option.allowed, option.completion).map { " \($0)" } ?? ""
      return
        "\(condition)\(letter) -l \(option.name)\(value)\(offered) -d \(quoted(option.summary))"
    }
    return commands + arguments + options
  }

  private func offer(_ allowed: [String], _ completion: Completion) -> String? {
    guard allowed.isEmpty else { return "-a \(quoted(allowed.joined(separator: " ")))" }
    return switch completion {
    case .nothing: nil
    case .files: "-a '(__fish_complete_path)'"
    case .directories: "-a '(__fish_complete_directories)'"
    case .names(let kind): "-a '(\(program) __complete \(kind) 2> /dev/null)'"
    }
  }

  private func quoted(_ text: String) -> String {
    var quoted = "'"
    for character in text {
      if character == "'" || character == "\\" { quoted.append("\\") }
      quoted.append(character)
    }
    return quoted + "'"
  }
}
