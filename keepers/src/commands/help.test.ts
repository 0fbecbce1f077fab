import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../cli.ts'
import { variableOf } from '../config/setting.ts'
import { settings } from '../config/settings.ts'
import { specOf } from './command.ts'

const program = createProgram(() => undefined, new AbortController().signal)

interface Leaf {
  readonly words: readonly string[]
  readonly command: Command
}

/** Every command that does something, by the words that name it. */
function leaves(command: Command, words: readonly string[]): Leaf[] {
  if (command.commands.length === 0) return [{ words, command }]
  return command.commands.flatMap((inner) => leaves(inner, [...words, inner.name()]))
}

const all = leaves(program, ['lockstep']).map(
  ({ words, command }) => [words.join(' '), command] as const,
)

test('there are commands of every kind', () => {
  const names = all.map(([name]) => name)
  for (const name of ['solver', 'submit', 'contest open', 'market liquidity add', 'config'])
    expect(names).toContain(`lockstep ${name}`)
})

describe.each(all)('%s', (name, command) => {
  test('says what it does, in one style', () => {
    expect(command.description()).toMatch(/^[a-z].*[^.]$/)
    expect(command.helpGroup() || command.parent?.parent).toBeTruthy()
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    expect(help).toContain('\nExamples:\n')
    expect(help).not.toMatch(/default:.*default:.*\[LOCKSTEP/)
  })

  test('has --json, --config and nothing without a setting', () => {
    const known = new Set(specOf(command)!.settings.map((one) => settings[one].flag))
    const others = command.options.filter(({ flags }) => !known.has(flags))
    expect(others.map(({ long }) => long)).toEqual(['--config', '--json'])
  })

  test('names the unit and the variable of every option', () => {
    for (const one of specOf(command)!.settings) {
      const { flag, help } = settings[one]
      expect(flag).toMatch(/^--[a-z-]+( <(?!(n|x|amount)>)[^ ]+>)?$/)
      const option = command.options.find(({ flags }) => flags === flag)!
      expect(option.description).toContain(help)
      expect(option.description).toContain(` [${variableOf(flag)}]`)
    }
  })

  test('has examples that it would take', () => {
    for (const example of specOf(command)!.examples) {
      expect(example.startsWith(name)).toBe(true)
      const [line] = example.split(' #')
      const words = line.slice(name.length).match(/'[^']*'|\S+/g) ?? []
      if (command.name() === 'config') continue // its words are those of another command
      const { operands, unknown } = command.parseOptions(words)
      expect(unknown).toEqual([])
      const wanted = command.registeredArguments
      expect(operands.length).toBeLessThanOrEqual(wanted.length)
      expect(operands.length).toBeGreaterThanOrEqual(wanted.filter((one) => one.required).length)
    }
  })
})

test('exit statuses are listed once, in the help of lockstep itself', () => {
  const help: string[] = []
  program.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp()
  expect(help.join('').match(/Exit status/g)).toHaveLength(1)
  for (let status = 0; status <= 8; status++)
    expect(help.join('')).toMatch(new RegExp(`^  ${status}  \\w`, 'm'))
})
