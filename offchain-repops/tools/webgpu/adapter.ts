import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * A WebGPU adapter for machines without a GPU: Mesa's lavapipe, which computes on the processor. Debian 12 itself has
 * one that Dawn refuses; its backports have one that Dawn takes. Nothing is installed: packages are unpacked into the
 * cache, so no rights are needed, and only processes that are given `environment` see it.
 */
const cache = fileURLToPath(new URL('../../../cache/webgpu/', import.meta.url))
const home = join(cache, 'lavapipe')
const libraries = join(home, 'usr/lib/x86_64-linux-gnu')
const driver = join(home, 'driver.json')

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const SOURCES = ['bookworm', 'bookworm-backports'].map(
  (suite) => `deb [arch=amd64 signed-by=${KEYRING}] http://deb.debian.org/debian ${suite} main\n`,
)
/** What every process has already, and must not have twice. */
const SYSTEM = ['gcc-12-base', 'libc6', 'libgcc-s1', 'libstdc++6']

/** Variables for a process that is to find the software adapter, and no other. Makes it ready first if need be. */
export function softwareAdapter(): Readonly<Record<string, string>> {
  if (!existsSync(driver)) prepare()
  const path = [libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter((part) => part !== '')
  return {
    LD_LIBRARY_PATH: path.join(':'),
    VK_DRIVER_FILES: driver,
    // Compiling is what takes lavapipe long: keep what was compiled, and do not optimise it.
    MESA_SHADER_CACHE_DIR: join(cache, 'kernels'),
    GALLIVM_PERF: 'nopt',
  }
}

function prepare(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `a software adapter can be had on Linux x64, not on ${process.platform} ${process.arch}; --machine takes the machine's own`,
    )
  for (const file of ['/usr/bin/apt-get', '/usr/bin/dpkg-deb', KEYRING])
    if (!existsSync(file))
      throw new Error(
        `${file} is missing: the software adapter comes as Debian packages; --machine takes the machine's own`,
      )
  mkdirSync(cache, { recursive: true })
  const work = mkdtempSync(join(cache, 'preparing-'))
  try {
    for (const file of fetchPackages(work)) {
      if (SYSTEM.includes(file.split('_')[0])) continue
      execFileSync('dpkg-deb', ['-x', join(work, file), join(work, 'root')])
    }
    const own = join(work, 'root/usr/lib/x86_64-linux-gnu')
    for (const name of readdirSync(own))
      if (/^libvulkan_(?!lvp)/.test(name)) rmSync(join(own, name)) // drivers of GPUs
    const ICD = { library_path: join(libraries, 'libvulkan_lvp.so'), api_version: '1.4.305' }
    writeFileSync(
      join(work, 'root/driver.json'),
      JSON.stringify({ file_format_version: '1.0.0', ICD }),
    )
    // Another process may have been as fast; then its folder is there and as good.
    if (!existsSync(driver)) renameSync(join(work, 'root'), home)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Downloads the driver and what it needs into `work`, checked by Debian's signatures. Returns the files' names. */
function fetchPackages(work: string): string[] {
  for (const folder of ['lists/partial', 'archives/partial', 'state'])
    mkdirSync(join(work, folder), { recursive: true })
  writeFileSync(join(work, 'status'), '') // nothing counts as installed
  writeFileSync(join(work, 'sources.list'), SOURCES.join(''))
  const apt = (...args: string[]): string => {
    const options = {
      'Dir::State': 'state', 'Dir::State::status': 'status', 'Dir::State::lists': 'lists', 'Dir::Cache': '.',
      'Dir::Etc::sourcelist': 'sources.list',
    } // prettier-ignore
    const private_ = Object.entries(options).map(([name, at]) => `${name}=${join(work, at)}`)
    const more = [
      'Dir::Etc::sourceparts=-',
      'APT::Sandbox::User=',
      'APT::Install-Recommends=false',
      'APT::Update::Error-Mode=any',
    ]
    const flags = [...private_, ...more].flatMap((option) => ['-o', option])
    try {
      return execFileSync('apt-get', [...flags, '-q', ...args], { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) // prettier-ignore
    } catch (cause) {
      const { stderr } = cause as { stderr?: string }
      const lines = (stderr ?? String(cause)).trim().split('\n')
      const reason = lines.find((line) => line.startsWith('E: ')) ?? lines[0]
      throw new Error(`apt-get ${args[0]} failed: ${reason}`, { cause })
    }
  }
  apt('update')
  const wanted = apt(
    ...['install', '--print-uris', '--yes', '--target-release', 'bookworm-backports'],
    'mesa-vulkan-drivers',
  )
  // 'address' name_version_architecture.deb size hash
  const files = [...wanted.matchAll(/^'[^']*' (\S+\.deb) /gm)].map(([, file]) => file)
  if (files.length === 0) throw new Error('apt-get names no package of mesa-vulkan-drivers')
  const versions = files.map((file) => {
    const [name, version] = decodeURIComponent(file).split('_')
    return `${name}=${version}`
  })
  apt('download', ...versions)
  return readdirSync(work).filter((file) => file.endsWith('.deb'))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    for (const [name, value] of Object.entries(softwareAdapter()))
      console.log(`export ${name}='${value}'`)
  } catch (error) {
    console.error(`webgpu adapter: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
