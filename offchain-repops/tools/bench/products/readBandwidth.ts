import koffi from 'koffi'

const HUGE_PAGE = 2 ** 21
const MADV_HUGEPAGE = 14

/**
 * Bytes a millisecond of a plain read of `bytes` bytes by `threads` threads, each its share: the C library's memchr,
 * in vector registers, over huge pages, for a byte that is not there. Linux only; undefined elsewhere.
 */
export function readBandwidth(bytes: number, threads: number) {
  if (process.platform !== 'linux') return undefined
  const libc = koffi.load('libc.so.6')
  const allocate = libc.func('void* aligned_alloc(size_t, size_t)') as (
    a: number,
    b: number,
  ) => unknown
  const free = libc.func('void free(void*)') as (memory: unknown) => void
  const advise = libc.func('int madvise(void*, size_t, int)') as (
    m: unknown,
    b: number,
    a: number,
  ) => number
  const fill = libc.func('void* memset(void*, int, size_t)') as (
    m: unknown,
    c: number,
    b: number,
  ) => unknown
  const search = libc.func('void* memchr(void*, int, size_t)')
  const size = Math.ceil(bytes / HUGE_PAGE) * HUGE_PAGE
  const memory = allocate(HUGE_PAGE, size)
  advise(memory, size, MADV_HUGEPAGE)
  fill(memory, 0, size)
  const share = Math.floor(bytes / threads)
  const address = koffi.address(memory)
  const part = (i: number) => koffi.as(address + BigInt(i * share), 'void*')
  const one = search as unknown as (memory: unknown, byte: number, bytes: number) => unknown
  const onThread = (i: number) =>
    new Promise<void>((resolve, reject) => {
      search.async(part(i), 1, share, (error: Error | null) => {
        if (error) reject(error)
        else resolve()
      })
    })
  return {
    /** Reads it `times` times; milliseconds for one. */
    async run(times: number): Promise<number> {
      const start = performance.now()
      for (let i = 0; i < times; i++) {
        if (threads === 1) one(memory, 1, bytes)
        else await Promise.all(Array.from({ length: threads }, (_, t) => onThread(t)))
      }
      return (performance.now() - start) / times
    },
    close() {
      free(memory)
    },
  }
}
