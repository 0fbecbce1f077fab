#!/usr/bin/env node
// Lets forge drive the Solidity compiler that npm ships (WebAssembly, one thread): forge speaks
// `solc --version` and `solc --standard-json`, nothing else.
//
// Most tests only call contracts that they deploy from artifacts. How fast their own code runs does not
// matter, and the old code generator compiles them in a tenth of the time, so they are a part of their
// own, compiled beside the rest. Always compiled as forge asks: what is shipped, libraries under test, and
// whatever is in a measured figure: code between two gasleft(), a mock inside a measured transaction. The
// players of the games need more of the stack than the old code generator has.
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads')
const solc = require('solc')

const PLAIN = /^test\/(?!repops\/|verde\/games\/)|^test\/repops\/Referee\.t\.sol$/
const AS_ASKED =
  /\/(Clock\.t|Libraries\.t|ExitPool\.t|LMSRVectors\.t|(LMSR|Delphi)\.gas\.t|WorstCaseBook)\.sol$/
const OLD_AND_FAST = { viaIR: false, optimizer: { enabled: false } }

const isPlainTest = (path) => PLAIN.test(path) && !AS_ASKED.test(path)

/** The input divided in two, each with all sources and the outputs of some; one where the other is empty. */
function divide(input) {
  const { outputSelection, ...settings } = input.settings
  const every = outputSelection['*'] ?? {}
  const parts = [
    { settings, wanted: {} },
    { settings: { ...settings, ...OLD_AND_FAST }, wanted: {} },
  ]
  for (const path of Object.keys(input.sources)) {
    parts[isPlainTest(path) ? 1 : 0].wanted[path] = outputSelection[path] ?? every
  }
  const isWanted = ({ wanted }) =>
    Object.values(wanted).some((contracts) => Object.values(contracts).some((list) => list.length))
  return parts
    .filter((part, i) => i === 0 || isWanted(part))
    .map(({ settings, wanted }) => ({
      ...input,
      settings: { ...settings, outputSelection: wanted },
    }))
}

const compile = (input) => JSON.parse(solc.compile(JSON.stringify(input)))

const compileBeside = (input) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(__filename, { workerData: input, stderr: false })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

/** By file, everything that any part says of it. */
function byFile(outputs, key) {
  const files = {}
  for (const output of outputs) {
    for (const [path, some] of Object.entries(output[key] ?? {})) {
      files[path] = { ...files[path], ...some }
    }
  }
  return files
}

function merge(outputs) {
  const errors = new Map(
    outputs.flatMap((output) => output.errors ?? []).map((e) => [e.formattedMessage, e]),
  )
  return {
    ...(errors.size === 0 ? {} : { errors: [...errors.values()] }),
    sources: byFile(outputs, 'sources'),
    contracts: byFile(outputs, 'contracts'),
  }
}

async function answer(text) {
  const parts = divide(JSON.parse(text))
  if (parts.length === 1) return solc.compile(text)
  const beside = parts.slice(1).map(compileBeside)
  return JSON.stringify(merge([compile(parts[0]), ...(await Promise.all(beside))]))
}

if (!isMainThread) {
  parentPort.postMessage(compile(workerData))
} else if (process.argv.includes('--version')) {
  const version = solc.version().replace('Emscripten.clang', 'Linux.g++')
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`)
} else {
  const chunks = []
  process.stdin.on('data', (chunk) => chunks.push(chunk))
  process.stdin.on('end', async () => {
    process.stdout.write(await answer(Buffer.concat(chunks).toString('utf8')))
  })
}
