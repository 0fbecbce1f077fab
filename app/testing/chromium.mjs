// The browser of the page's tests: npm does not bring it, Debian does. Plain Node, no packages, because `npm test` asks
// before there are any.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const { LOCKSTEP_CHROMIUM } = process.env
export const CHROMIUM = LOCKSTEP_CHROMIUM || '/usr/bin/chromium'

const THIS_MACHINE = {
  chromium: CHROMIUM,
  isNamed: Boolean(LOCKSTEP_CHROMIUM),
  aptGet: '/usr/bin/apt-get',
  sudo: 'sudo',
  isRoot: process.getuid?.() === 0,
  say: (line) => console.error(line),
}

export function provideChromium(machine = THIS_MACHINE) {
  const { chromium, isNamed, aptGet, sudo, isRoot, say } = machine
  if (existsSync(chromium)) return undefined
  const none = `The page's tests need Chromium, and there is none at ${chromium}`
  if (isNamed) return `${none}, which LOCKSTEP_CHROMIUM names: name one that is there.`
  const advice = 'install Chromium, or name one with LOCKSTEP_CHROMIUM.'
  if (!existsSync(aptGet)) return `${none}: ${advice}`
  const asRoot = isRoot ? [] : [sudo, '-n']
  if (!isRoot && run([...asRoot, 'true']) !== 0)
    return `${none}, and this user may not install it: as root, apt-get install chromium; or name one with LOCKSTEP_CHROMIUM.`
  say("Installing chromium with apt-get (once, for the page's tests) ...")
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', aptGet]
  run([...apt, 'update', '-qq'], 'inherit') // where it fails, the lists of before may do
  run([...apt, 'install', '-y', '-qq', '--no-install-recommends', 'chromium'], 'inherit')
  return existsSync(chromium)
    ? undefined
    : `${none} after apt-get install chromium, either: ${advice}`
}

const run = ([command, ...args], errors = 'ignore') =>
  spawnSync(command, args, { stdio: ['ignore', 'ignore', errors] }).status
