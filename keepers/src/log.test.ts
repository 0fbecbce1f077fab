import { expect, test, vi } from 'vitest'
import { createCommandLog } from './log.ts'

/** What a command's log writes on stderr. */
function written(say: (log: ReturnType<typeof createCommandLog>) => void, level = 'info'): string {
  let text = ''
  const write = vi
    .spyOn(process.stderr, 'write')
    .mockImplementation((chunk) => ((text += String(chunk)), true))
  try {
    say(createCommandLog(level))
  } finally {
    write.mockRestore()
  }
  return text
}

test('a command that ends by itself logs lines for people, on a terminal or not', () => {
  const text = written((log) => {
    log.info({ move: 'post', hash: '0xab', nonce: 3, block: '41' }, 'transaction mined')
    log.warn({ problem: 'nobody has it', peers: 2 }, 'the result cannot be fetched')
    log.info('done')
    log.debug('not this')
  })
  expect(text).toBe(
    'transaction mined (move post, hash 0xab, block 41)\n' +
      'warning: the result cannot be fetched (nobody has it, peers 2)\n' +
      'done\n',
  )
})

test('nothing, where that is asked for', () => {
  expect(
    written((log) => {
      log.error('x')
    }, 'silent'),
  ).toBe('')
})
