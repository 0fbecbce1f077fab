import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

let serial = 0

/**
 * Writes a whole file so that a reader, or a process that starts after a power cut, sees either the old
 * bytes or all of the new ones: temporary file beside it, flushed, renamed, directory flushed.
 */
export function writeAtomic(path: string, bytes: Uint8Array | string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `.${process.pid}-${serial++}.tmp`)
  try {
    const file = openSync(temporary, 'wx')
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

/** Appends to an open file and returns only when the bytes are on disk. */
export function appendDurable(file: number, text: string): void {
  writeAll(file, text)
  fsyncSync(file)
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
