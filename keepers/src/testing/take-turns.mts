// A process that takes a lock and lets it go again and again until it is killed: see lock.test.ts.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { LockstepError } from '../errors.ts'
import { holdLock } from '../files/lock.ts'

const [path, diary] = process.argv.slice(2)
// The monotonic clock is one for all processes of a machine.
const note = (event: string): void => {
  appendFileSync(diary, `${process.pid} ${event} ${process.hrtime.bigint()}\n`)
}

for (;;) {
  try {
    const release = holdLock(path)
    note('enter')
    await sleep(2)
    note('leave')
    release()
  } catch (error) {
    if (!(error instanceof LockstepError) || error.code !== 'in-use') throw error
  }
  await sleep(1)
}
