import type { Command } from 'commander'
import { fileURLToPath } from 'node:url'
import { type Candidates, complete } from '../completion/complete.ts'
import { scriptOf, SHELLS } from '../completion/scripts.ts'
import { fail } from '../errors.ts'
import { addCommand, type Done } from './command.ts'

const LOCKSTEP = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))
/** What the scripts ask with; nobody types it. */
const ASK = 'complete'

/** `lockstep completion <shell>`: a script that makes the shell complete commands, flags and their values. */
export function addCompletion(parent: Command, done: Done, signal: AbortSignal): void {
  addCommand(
    parent,
    {
      name: 'completion <shell>',
      description: `print the script that makes a shell complete lockstep: ${SHELLS.join(', ')}`,
      settings: [],
      argument: { values: SHELLS },
      examples: [
        'lockstep completion bash   # eval "$(npx lockstep completion bash)" in ~/.bashrc',
        'lockstep completion zsh   # source <(npx lockstep completion zsh) in ~/.zshrc, behind compinit',
        'lockstep completion fish   # npx lockstep completion fish | source',
      ],
      run: (_, __, name) => {
        const shell = SHELLS.find((known) => known === name)
        if (shell === undefined) {
          throw fail.badSetting({
            what: `there is no script for ${JSON.stringify(name)}`,
            where: 'completion <shell>',
            advice: `known: ${SHELLS.join(', ')}`,
          })
        }
        // The program itself: wherever the shell is, no installed copy has to be on its path.
        const script = scriptOf(shell, `'${process.execPath}' '${LOCKSTEP}' ${ASK} --`)
        return Promise.resolve({ json: { shell, script }, lines: [script.trimEnd()] })
      },
    },
    done,
    signal,
  )
}

/** The answer to a shell's question, if that is what the words are: `complete -- <words so far>`. */
export function completionOf(
  program: Command,
  [ask, dashes, ...words]: readonly string[],
): string | undefined {
  if (ask !== ASK || dashes !== '--') return undefined
  const { words: found, place }: Candidates = complete(program, words)
  const current = words.at(-1) ?? ''
  const fitting = found.filter(({ word }) => word.startsWith(current))
  const lines = fitting.map(({ word, about }) => (about === '' ? word : `${word}\t${about}`))
  return [...lines, ...(place === undefined ? [] : [`:${place}`]), ''].join('\n')
}
