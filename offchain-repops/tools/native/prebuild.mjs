// npm run prebuilds:native -w offchain-repops: compiles the native engine for every platform that this machine has a compiler
// for, into offchain-repops/prebuilds/<platform>-<arch>/, where installations without a compiler find it. The digest of
// the sources is left beside them.
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sourcesDigest } from './build.mjs'

const folder = fileURLToPath(new URL('../..', import.meta.url))
const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')

/** Compilers of Debian for the platforms that keepers run on. */
const TARGETS = [
  { platform: 'linux-x64', prefix: 'x86_64-linux-gnu-' },
  { platform: 'linux-arm64', prefix: 'aarch64-linux-gnu-' },
]

for (const { platform, prefix } of TARGETS) {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-prebuild-'))
  try {
    copyFileSync(join(folder, 'binding.gyp'), join(work, 'binding.gyp'))
    copyFileSync(join(folder, 'package.json'), join(work, 'package.json'))
    cpSync(join(folder, 'native'), join(work, 'native'), { recursive: true })
    const arch = platform.split('-')[1]
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        gyp,
        'rebuild',
        `--arch=${arch}`,
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
          // One binary for machines whose C++ library is older than the compiler's.
          LDFLAGS: '-static-libstdc++ -static-libgcc -s',
        },
      },
    )
    if (status !== 0) throw new Error(`${platform} did not compile:\n${stderr}`)
    const target = join(folder, 'prebuilds', platform)
    mkdirSync(target, { recursive: true })
    copyFileSync(join(work, 'build', 'Release', 'repops.node'), join(target, 'repops.napi.node'))
    console.log(`prebuilds/${platform}/repops.napi.node`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}
writeFileSync(join(folder, 'prebuilds', 'sources.sha256'), `${sourcesDigest()}\n`)
