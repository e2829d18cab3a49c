package dev.manul.cli;

import picocli.AutoComplete;
import picocli.CommandLine;

/** The completion scripts: commands, options and kinds as they are, names asked of manulctl. */
final class ShellCompletion {

  /**
   * Goes first in bash, and in zsh that acts as bash: after a command that names resources and the
   * kind, the program is asked; else the script that knows the commands is.
   */
  private static final String BASH_NAMES =
      """

      # Names of resources are asked of PROGRAM itself; all else is known above.
      function _PROGRAM_names() {
        local cur="${COMP_WORDS[COMP_CWORD]}" word plain=() skip=""
        for word in "${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
          if [ -n "$skip" ]; then skip=""; continue; fi
          case "$word" in
            -n | --namespace | -o | --output | -p | --patch | -t | --type) skip=1 ;;
            --datastore | --kubeconfig | --context | --run-dir | -c | --config) skip=1 ;;
            -f | --filename) return 1 ;;
            -*) ;;
            *) plain+=("$word") ;;
          esac
        done
        [ -z "$skip" ] || return 1
        case "$cur" in -*) return 1 ;; esac
        case "${plain[*]}" in
          "get "* | "delete "* | "patch "* | "label "* | "pool mode") ;;
          *) return 1 ;;
        esac
        local found
        found="$("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}" "$cur" 2>/dev/null)"
        COMPREPLY=($(compgen -W "$found" -- "$cur"))
      }

      function _PROGRAM_all() {
        _PROGRAM_names || _complete_PROGRAM
      }

      complete -F _PROGRAM_all -o default PROGRAM
      """;

  private static final String FISH_NAMES =
      """
      # How many words have been typed before the last that are no options and no options' values.
      function __PROGRAM_words
        set -l count 0
        set -l skip 0
        for word in (commandline -opc)
          if test $skip = 1
            set skip 0
            continue
          end
          switch $word
            case -n --namespace -o --output -p --patch -t --type -f --filename
              set skip 1
            case --datastore --kubeconfig --context --run-dir -c --config
              set skip 1
            case '-*'
            case '*'
              set count (math $count + 1)
          end
        end
        echo $count
      end
      function __PROGRAM_names
        set -l words (commandline -opc)
        $words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null
      end
      complete -c PROGRAM -n '__fish_seen_subcommand_from get delete patch label' -f -a '(__PROGRAM_names)'
      complete -c PROGRAM -n '__fish_seen_subcommand_from pool; and __fish_seen_subcommand_from mode' -f -a '(__PROGRAM_names)'
      """;

  private ShellCompletion() {}

  /** For bash, and for zsh, which is asked to act as bash does. */
  static String bash(String program, CommandLine all) {
    return AutoComplete.bash(program, all) + BASH_NAMES.replace("PROGRAM", program);
  }

  static String fish(String program, CommandLine all) {
    return FishCompletion.script(program, all) + FISH_NAMES.replace("PROGRAM", program);
  }
}
