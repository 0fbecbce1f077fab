import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process of this machine. */
export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** A process and all that it has started, itself or through others. */
export function processTree(root: number): RunningProcess[] {
  const all = running()
  const found = all.filter(({ pid }) => pid === root)
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid))
  return found
}

/** Those of them that are still there after at most so many seconds. */
export async function stillThere(
  processes: readonly RunningProcess[],
  seconds: number,
): Promise<RunningProcess[]> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const now = running()
    // Numbers of processes are used again.
    const left = processes.filter(({ pid, command }) =>
      now.some((one) => one.pid === pid && one.command === command),
    )
    if (left.length === 0 || waitedMs >= 1000 * seconds) return left
    await sleep(100)
  }
}

function running(): RunningProcess[] {
  const text = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  return [...text.matchAll(/^ *(\d+) +(\d+) +(\S+) +(.*)$/gm)].flatMap(
    ([, pid, parent, state, command]) =>
      // One that has ended and is not collected yet runs no more.
      state.startsWith('Z') ? [] : { pid: Number(pid), parent: Number(parent), command },
  )
}
