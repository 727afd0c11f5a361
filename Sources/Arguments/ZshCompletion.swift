/// Completion for the Z shell.
struct ZshCompletion {
  let program: String
  let tree: [PlacedCommand]

  var script: String {
    """
    #compdef \(program)
    # Completion of \(program) for zsh; load it with: source <(\(program) completion zsh)
    _\(program)() {
      local command="" word value="" previous="${words[CURRENT-1]}"
      local -a commands options
      integer index
      for (( index = 2; index < CURRENT; index++ )); do
        word="${words[index]}"
        if [[ -n "$value" ]]; then
          value=""
          continue
        fi
        case "$command $word" in
    \(descents)
    \(skips)
        esac
      done
      if [[ "$PREFIX" == --*=* ]]; then
        previous="${PREFIX%%=*}"
        compset -P '*='
      fi
      case "$command $previous" in
    \(values)
      esac
      case "$command" in
    \(offers)
      esac
      if [[ "$PREFIX" == -* ]]; then
        _describe -o option options
      elif (( ${#commands} )); then
        _describe command commands
      else
        case "$command" in
    \(arguments)
        esac
      fi
    }
    if [[ "${funcstack[1]}" == "_\(program)" ]]; then
      _\(program) "$@"
    else
      compdef _\(program) \(program)
    fi

    """
  }

  private var descents: String {
    tree.dropFirst().map { place in
      let parent = place.path.dropLast().joined(separator: " ")
      return "      (\"\(parent) \(place.command.name)\") command=\"\(place.key)\" ;;"
    }.joined(separator: "\n")
  }

  private var skips: String {
    tree.map { place in
      let keys = place.valueOptions.flatMap(place.keys).map { "\"\($0)\"" }
      return keys.isEmpty ? nil : "      (\(keys.joined(separator: "|"))) value=yes ;;"
    }.compactMap(\.self).joined(separator: "\n")
  }

  private var values: String {
    tree.flatMap { place in
      place.valueOptions.map { option in
        let keys = place.keys(of: option).map { "\"\($0)\"" }.joined(separator: "|")
        return "    (\(keys)) \(reply(option.allowed, option.completion)); return ;;"
      }
    }.joined(separator: "\n")
  }

  private var offers: String {
    tree.map { place in
      let commands = place.listedSubcommands.map {
        described($0.command.name, $0.command.summary)
      }
      let options = place.options.flatMap { option in
        option.spellings.map { described($0, option.summary) }
      }
      return """
            ("\(place.key)")
              commands=(\(commands.joined(separator: " ")))
              options=(\(options.joined(separator: " "))) ;;
        """
    }.joined(separator: "\n")
  }

  private var arguments: String {
    tree.compactMap { place in
      place.command.arguments.first.map { argument in
        "      (\"\(place.key)\") \(reply(argument.allowed, argument.completion)) ;;"
      }
    }.joined(separator: "\n")
  }

  private func described(_ name: String, _ summary: String) -> String {
    let text = "\(name):\(summary)"
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }

  private func reply(_ allowed: [String], _ completion: Completion) -> String {
    guard allowed.isEmpty else { return "compadd -- \(allowed.joined(separator: " "))" }
    switch completion {
    case .nothing: return ":"
    case .files: return "_files"
    case .directories: return "_files -/"
    case .names(let kind):
      return "compadd -- ${(f)\"$(\"${words[1]}\" __complete \(kind) 2> /dev/null)\"}"
    }
  }
}
