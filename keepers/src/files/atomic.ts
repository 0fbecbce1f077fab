import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fail } from '../errors.ts'

let serial = 0

/**
 * Writes a whole file so that a reader, or a process that starts after a power cut, sees either the old
 * bytes or all of the new ones: temporary file beside it, flushed, renamed, directory flushed.
 * `mode`: who may read it, from its first byte on.
 */
export function writeAtomic(path: string, bytes: Uint8Array | string, mode = 0o666): void {
  needingSpace(path, () => {
    replace(path, bytes, mode)
  })
}

function replace(path: string, bytes: Uint8Array | string, mode: number): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `.${process.pid}-${serial++}.tmp`)
  try {
    const file = openSync(temporary, 'wx', mode)
    try {
      writeAll(file, bytes)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  flushFolder(folder)
}

/** Appends to the open file at `path` and returns only when the bytes are on disk. */
export function appendDurable(file: number, text: string, path: string): void {
  needingSpace(path, () => {
    writeAll(file, text)
    fsyncSync(file)
  })
}

/** Does what writes to `path`; a disk that is full is an error that a person can act on. */
export function needingSpace(path: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw cause
    throw fail.diskFull(
      {
        what: `the disk is full (${code})`,
        where: path,
        advice: 'make room there, or move --home to a larger disk; the keeper goes on where it was',
      },
      { cause },
    )
  }
}

function writeAll(file: number, bytes: Uint8Array | string): void {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  for (let at = 0; at < buffer.length; ) at += writeSync(file, buffer, at)
}

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
