import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../cli.ts'
import { complete } from './complete.ts'

const LOCKSTEP = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))
const program = createProgram(() => undefined, new AbortController().signal)
const wordsOf = (...words: string[]): string[] =>
  complete(program, words).words.map(({ word }) => word)

describe('what can stand where Tab was pressed', () => {
  test('commands, at every depth', () => {
    expect(wordsOf('')).toEqual(expect.arrayContaining(['solver', 'market', 'completion']))
    expect(wordsOf('market', 'liquidity', '')).toEqual(['quote', 'add'])
    expect(wordsOf('config', 'contest', '')).toContain('open')
  })

  test('flags that were not given yet', () => {
    const flags = wordsOf('solver', '--once', '--rpc', 'http://x', '-')
    expect(flags).toEqual(expect.arrayContaining(['--min-reward', '--json', '--help']))
    expect(flags).not.toContain('--once')
    expect(wordsOf('config', 'solver', '--min')).toContain('--min-reward')
  })

  test('values of flags and arguments that have few', () => {
    expect(wordsOf('solver', '--backend', '')).toEqual(expect.arrayContaining(['auto', 'wasm']))
    expect(wordsOf('solver', '--backend=n')).toContain('--backend=native')
    expect(wordsOf('init', '--role', '')).toContain('challenger')
    expect(wordsOf('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(wordsOf('conformance', '--threads', '2', '')).toContain('cuda')
    expect(wordsOf('conformance', 'cuda', '')).toEqual([])
    expect(wordsOf('solver', '--min-reward', '')).toEqual([])
  })

  test('files and folders, which the shell knows', () => {
    expect(complete(program, ['status', '--home', '']).place).toBe('folder')
    expect(complete(program, ['status', '--config', '']).place).toBe('file')
    expect(complete(program, ['verify', '']).place).toBe('file')
    expect(complete(program, ['status', '--rpc', '']).place).toBeUndefined()
  })
})

/** What bash offers for a line whose words it has split as it does. */
function bash(line: string, words: readonly string[]): string[] {
  const script = `
    eval "$("$NODE" "$LOCKSTEP" completion bash)"
    COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("\${@:2}") COMP_CWORD=$(($# - 2))
    _lockstep 2>/dev/null
    printf '%s\\n' "\${COMPREPLY[@]}"
    complete -p lockstep`
  const env = { ...process.env, NODE: process.execPath, LOCKSTEP }
  const out = execFileSync('bash', ['-c', script, 'bash', line, ...words], { env })
  const answers = out.toString().trim().split('\n')
  expect(answers.pop()).toBe('complete -F _lockstep lockstep')
  return answers
}

test('bash completes with the script', () => {
  expect(bash('lockstep so', ['lockstep', 'so'])).toEqual(['solver'])
  expect(
    bash('lockstep solver --backend=w', ['lockstep', 'solver', '--backend', '=', 'w']),
  ).toEqual(['wasm', 'webgpu'])
  expect(bash('lockstep market liquidity ', ['lockstep', 'market', 'liquidity', ''])).toEqual([
    'quote',
    'add',
  ])
}, 60_000)
