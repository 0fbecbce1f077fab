import type { Command, Option } from 'commander'
import { specOf } from '../commands/command.ts'
import { type Setting } from '../config/setting.ts'
import { settings } from '../config/settings.ts'

/** What may stand where somebody pressed Tab: words, or files or folders, which the shell knows best. */
export interface Candidates {
  readonly words: readonly { readonly word: string; readonly about: string }[]
  readonly place?: 'file' | 'folder' | undefined
}

/**
 * What can complete the last of `words`, which may be empty: subcommands, flags, and values of those that have few.
 * Of `--flag=va` the words have the flag in front of them.
 */
export function complete(program: Command, words: readonly string[]): Candidates {
  const current = words.at(-1) ?? ''
  const { command, rest } = descend(program, words.slice(0, -1))
  const { argument = {} } = specOf(command) ?? {}
  // A command of another one, such as config's, is completed as that is.
  if (argument.commands === true && positionals(command, rest).length > 0)
    return complete(program, [...rest, current])
  const assigned = /^(--[\w-]+)=/.exec(current)
  if (assigned !== null) {
    const { words: found, place } = valuesOf(optionOf(command, assigned[1]), command)
    return { words: found.map((one) => ({ ...one, word: assigned[0] + one.word })), place }
  }
  const before = rest.at(-1)
  const open = before?.startsWith('--') === true ? optionOf(command, before) : undefined
  if (open !== undefined && takesValue(open)) return valuesOf(open, command)
  if (current.startsWith('-')) return flagsOf(command, rest)
  if (command.commands.length > 0) return { words: command.commands.map(nameOf) }
  if (argument.commands === true) return { words: program.commands.map(nameOf) }
  const [wanted] = command.registeredArguments
  if ((wanted as unknown) === undefined || positionals(command, rest).length > 0)
    return { words: [] }
  const values = argument.values ?? []
  return { words: values.map((word) => ({ word, about: '' })), place: argument.place }
}

/** The command that words name, and what stands behind its name. */
function descend(program: Command, words: readonly string[]) {
  let command = program
  let at = 0
  for (; at < words.length && command.commands.length > 0; at++) {
    const found = command.commands.find((one) => one.name() === words[at])
    if (found === undefined) break
    command = found
  }
  return { command, rest: words.slice(at) }
}

/** Words that are neither flags nor their values. */
function positionals(command: Command, words: readonly string[]): string[] {
  return words.filter((word, i) => {
    const before = i > 0 ? optionOf(command, words[i - 1]) : undefined
    return !word.startsWith('-') && !(before !== undefined && takesValue(before))
  })
}

const optionOf = (command: Command, flag: string): Option | undefined =>
  command.options.find(({ long, short }) => long === flag || short === flag)

const takesValue = ({ required, optional }: Option): boolean => required || optional

const nameOf = (command: Command) => ({ word: command.name(), about: command.description() })

/** Flags that were not given yet. */
function flagsOf(command: Command, given: readonly string[]): Candidates {
  const options = command.options.filter(({ long }) => long != null && !given.includes(long))
  const help = { word: '--help', about: 'show this' }
  const flags = options.map(({ long, description }) => ({ word: long!, about: description }))
  return { words: [...flags, help] }
}

function valuesOf(option: Option | undefined, command: Command): Candidates {
  if (option?.long === '--config') return { words: [], place: 'file' }
  const name = specOf(command)?.settings.find((one) => settings[one].flag === option?.flags)
  if (name === undefined) return { words: [] }
  const { values = [], place } = settings[name] as Setting
  return { words: values.map((word) => ({ word, about: '' })), place }
}
