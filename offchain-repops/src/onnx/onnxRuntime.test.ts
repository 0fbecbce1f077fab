import { afterAll, beforeAll, expect, test, vi } from 'vitest'

beforeAll(() => {
  vi.resetModules()
  vi.doMock('onnxruntime-node', () => {
    throw new Error("Cannot find package 'onnxruntime-node'")
  })
})
// Other files run in this process, and need it.
afterAll(() => {
  vi.doUnmock('onnxruntime-node')
  vi.resetModules()
})

test('where ONNX Runtime is not installed, one line says how to get it', async () => {
  const { openRuntime } = await import('./onnxRuntime.ts')
  const { OnnxError } = await import('./OnnxError.ts')
  const opened = openRuntime(new Uint8Array())
  await expect(opened).rejects.toThrow(OnnxError)
  await expect(opened).rejects.toThrow(
    /^ONNX Runtime is not installed.*npm install.*onnxruntime-node@/,
  )
})
