// npm run prebuilds:native -w offchain-repops: compiles the native engine for every platform that keepers run on into
// prebuilds/<platform>/, where installations without a compiler find it, beside prebuilds/origin.json, which says what
// made it. The same compilers make the same bytes. With --check it compares what is committed with the sources, and
// with the bytes that come out again, where the compilers are those that made it.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addonSourcesDigest } from '../../native/sources.mjs'

const folder = fileURLToPath(new URL('../..', import.meta.url))
const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
const record = join(folder, 'prebuilds', 'origin.json')

/** Compilers of Debian. */
const TARGETS = [
  { platform: 'linux-x64', prefix: 'x86_64-linux-gnu-' },
  { platform: 'linux-arm64', prefix: 'aarch64-linux-gnu-' },
]

const linkerOptions = ['--exclude-libs,ALL', '--gc-sections', '--build-id=none'].map(
  (option) => `-Wl,${option}`,
)

/** Where the addon of a platform lies; its name says to node-gyp-build what it can be loaded by. */
const placeOf = (platform) => join(folder, 'prebuilds', platform, 'repops.napi.glibc.node')

/** What the addons depend on; undefined where a compiler is missing. */
function origin() {
  const compilers = {}
  for (const { platform, prefix } of TARGETS) {
    const { status, stdout } = spawnSync(`${prefix}g++`, ['--version'], { encoding: 'utf8' })
    if (status !== 0) return undefined
    compilers[platform] = stdout.split('\n')[0]
  }
  return { sources: addonSourcesDigest(), compilers }
}

/** The bytes of a platform's addon. Throws an Error with what the compiler says. */
function compiled({ platform, prefix }) {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-prebuild-'))
  try {
    for (const name of ['binding.gyp', 'package.json'])
      copyFileSync(join(folder, name), join(work, name))
    cpSync(join(folder, 'native'), join(work, 'native'), { recursive: true })
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        gyp,
        'rebuild',
        `--arch=${platform.split('-')[1]}`,
        `--jobs=${cpus().length}`,
        `--nodedir=${dirname(dirname(process.execPath))}`,
      ],
      {
        cwd: work,
        encoding: 'utf8',
        env: {
          ...process.env,
          CC: `${prefix}gcc`,
          CXX: `${prefix}g++`,
          AR: `${prefix}ar`,
          CXXFLAGS: `-ffile-prefix-map=${work}=.`,
          // One binary for machines whose C++ library is older than the compiler's, with what it uses of the compiler's
          // only, and without what names the build.
          LDFLAGS: `-static-libstdc++ -static-libgcc -s ${linkerOptions.join(' ')}`,
        },
      },
    )
    if (status !== 0) throw new Error(`${platform} did not compile:\n${stderr}`)
    return readFileSync(join(work, 'build', 'Release', 'repops.node'))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Why what is committed is not what this machine's compilers make of the sources; undefined where it is. */
function difference(present) {
  const committed = JSON.parse(readFileSync(record, 'utf8'))
  if (committed.sources !== present.sources) return 'the sources have changed since'
  for (const target of TARGETS) {
    const { platform } = target
    const [theirs, ours] = [committed.compilers[platform], present.compilers[platform]]
    if (theirs !== ours) console.log(`${platform}: made by ${theirs}, not compared with ${ours}`)
    else if (!readFileSync(placeOf(platform)).equals(compiled(target)))
      return `the same compiler makes other bytes for ${platform}`
  }
  return undefined
}

const present = origin()
if (present === undefined) {
  console.error('prebuilds need their compilers: apt-get install g++ g++-aarch64-linux-gnu')
  process.exitCode = 1
} else if (process.argv.includes('--check')) {
  const problem = difference(present)
  if (problem !== undefined) {
    console.error(`prebuilds: ${problem}; run npm run artifacts -w offchain-repops`)
    process.exitCode = 1
  }
} else {
  for (const target of TARGETS) {
    const place = placeOf(target.platform)
    const bytes = compiled(target)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, bytes)
    console.log(`prebuilds/${target.platform}: ${bytes.length} bytes`)
  }
  writeFileSync(record, `${JSON.stringify(present, null, 2)}\n`)
}
