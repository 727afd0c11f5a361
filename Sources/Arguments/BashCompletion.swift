/// Completion for GNU Bash.
struct BashCompletion {
  let program: String
  let tree: [PlacedCommand]

  var script: String {
    """
    # Completion of \(program) for bash; load it with: source <(\(program) completion bash)
    _\(program)() {
      local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
      # Bash takes the sign in --option=value for a word.
      if [[ "$current" == "=" ]]; then
        current=""
      elif [[ "$previous" == "=" ]]; then
        previous="${COMP_WORDS[COMP_CWORD-2]}"
      fi
      local command="" word value=""
      for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ -n "$value" ]]; then
          [[ "$word" == "=" ]] || value=""
          continue
        fi
        case "$command $word" in
    \(descents)
    \(skips)
        esac
      done
      COMPREPLY=()
      case "$command $previous" in
    \(values)
      esac
      local options="" words=""
      case "$command" in
    \(offers)
      esac
      if [[ "$current" == -* ]]; then words="$options"; fi
      COMPREPLY=($(compgen -W "$words" -- "$current"))
    }
    complete -F _\(program) \(program)

    """
  }

  /// How the name of a command leads down the tree.
  private var descents: String {
    tree.dropFirst().map { place in
      let parent = place.path.dropLast().joined(separator: " ")
      return "      \"\(parent) \(place.command.name)\") command=\"\(place.key)\" ;;"
    }.joined(separator: "\n")
  }

  private var skips: String {
    tree.map { place in
      let keys = place.valueOptions.flatMap(place.keys).map { "\"\($0)\"" }
      return keys.isEmpty ? nil : "      \(keys.joined(separator: " | "))) value=yes ;;"
    }.compactMap(\.self).joined(separator: "\n")
  }

  private var values: String {
    tree.flatMap { place in
      place.valueOptions.map { option in
        let keys = place.keys(of: option).map { "\"\($0)\"" }.joined(separator: " | ")
        return "    \(keys))\n      \(reply(option.allowed, option.completion))\n      return ;;"
      }
    }.joined(separator: "\n")
  }

  private var offers: String {
    tree.map { place in
      let options = place.options.flatMap(\.spellings).joined(separator: " ")
      return """
            "\(place.key)")
              options="\(options)"
        \(words(of: place)) ;;
        """
    }.joined(separator: "\n")
  }

  private func words(of place: PlacedCommand) -> String {
    let names = place.listedSubcommands.map(\.command.name)
    guard let argument = place.command.arguments.first else {
      return "      words=\"\(names.joined(separator: " "))\""
    }
    return """
            if [[ "$current" != -* ]]; then
              \(reply(argument.allowed, argument.completion))
              return
            fi
      """
  }

  private func reply(_ allowed: [String], _ completion: Completion) -> String {
    guard allowed.isEmpty else {
      return "COMPREPLY=($(compgen -W \"\(allowed.joined(separator: " "))\" -- \"$current\"))"
    }
    switch completion {
    case .nothing: return "COMPREPLY=()"
    case .files: return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))"
    case .directories: return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$current\"))"
    case .names(let kind):
      let names = "$(\"${COMP_WORDS[0]}\" __complete \(kind) 2> /dev/null)"
      return "COMPREPLY=($(compgen -W \"\(names)\" -- \"$current\"))"
    }
  }
}
