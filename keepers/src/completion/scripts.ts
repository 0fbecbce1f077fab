/** Shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

// The answer to `complete` is a line for each word with a tab and what it is about behind it, and behind all of them
// :file or :folder where the shell is to complete those.

const bash = (
  ask: string,
): string => `# completion of lockstep for bash: eval "$(lockstep completion bash)"
_lockstep() {
  local line="\${COMP_LINE:0:COMP_POINT}" current="\${COMP_WORDS[COMP_CWORD]}" answer word
  local -a words
  read -r -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  COMPREPLY=()
  while IFS= read -r answer; do
    case $answer in
      :file) compopt -o default ;;
      :folder) compopt -o dirnames ;;
      *)
        word="\${answer%%$'\\t'*}"
        # Of --flag=value bash completes what is behind the =.
        [[ \${words[-1]} == --*=* ]] && word="\${word#*=}"
        [[ $current == '=' || $word == "$current"* ]] && COMPREPLY+=("$word")
        ;;
    esac
  done < <(${ask} "\${words[@]:1}" 2>/dev/null)
}
complete -F _lockstep lockstep
`

const zsh = (ask: string): string => `#compdef lockstep
# completion of lockstep for zsh: source <(lockstep completion zsh), behind compinit
_lockstep() {
  local answer
  local -a found
  while IFS= read -r answer; do
    case $answer in
      :file) compset -P '*='; _files; return ;;
      :folder) compset -P '*='; _files -/; return ;;
      *)
        answer=\${answer//:/\\\\:}
        found+=("\${answer/$'\\t'/:}")
        ;;
    esac
  done < <(${ask} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe lockstep found
}
compdef _lockstep lockstep
`

const fish = (
  ask: string,
): string => `# completion of lockstep for fish: lockstep completion fish | source
function __lockstep_complete
    set -l words (commandline -opc) (commandline -ct)
    for answer in (${ask} $words[2..] 2>/dev/null)
        switch $answer
            case :file
                __fish_complete_path (commandline -ct)
            case :folder
                __fish_complete_directories (commandline -ct)
            case '*'
                printf '%s\\n' $answer
        end
    end
end
complete -c lockstep -f -a '(__lockstep_complete)'
`

const SCRIPTS: Readonly<Record<Shell, (ask: string) => string>> = { bash, zsh, fish }

/** The script of a shell, which asks the command `ask` what there is. */
export const scriptOf = (shell: Shell, ask: string): string => SCRIPTS[shell](ask)
