import { expect, test } from 'vitest'
import { play } from '../testing/play.ts'

// What it plays is watched by app/test/demo.test.ts.

test.each([
  [['--frobnicate'], /unknown option '--frobnicate'/],
  [['now'], /too many arguments/],
  [['--steps', '0'], /--steps <n>.*whole number from 1 to 100000/],
  [['--seed', 'x'], /--seed <n>.*whole number/],
  [['--chain', 'l1'], /--chain <kind>.*osaka, optimism/],
  [['--cheat', 'bit=9'], /"bit=9" is no lie .*step=…,node=…,element=…,bit=…/],
  [['--steps', '2', '--cheat', 'step=2,node=0,element=0,bit=1'], /no step 2 .*--cheat.*0 to 1/],
  [['--cheat', 'step=0,node=99999,element=0,bit=1'], /there is no node 99999/],
  [['--cheat', 'step=0,node=0,element=99999999,bit=1'], /there is no element 99999999/],
])('%j is refused in one line, before anything is started', async (args, message) => {
  const { code, lines, errors } = await play('demo', args).ended
  expect([code, lines]).toEqual([2, ['']])
  expect(errors).toMatch(message)
  expect(errors).toMatch(/^demo: [^\n]+\n$/)
})

test('help is no error', async () => {
  const { code, lines, errors } = await play('demo', ['--help']).ended
  expect([code, errors]).toEqual([0, ''])
  expect(lines[0]).toContain('Usage: npm run demo --')
})
