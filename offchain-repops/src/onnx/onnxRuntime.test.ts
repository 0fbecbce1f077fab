import { expect, test, vi } from 'vitest'
import { OnnxError } from './OnnxError.ts'
import { openRuntime } from './onnxRuntime.ts'

vi.mock('onnxruntime-node', () => {
  throw new Error("Cannot find package 'onnxruntime-node'")
})

test('where ONNX Runtime is not installed, one line says how to get it', async () => {
  const opened = openRuntime(new Uint8Array())
  await expect(opened).rejects.toThrow(OnnxError)
  await expect(opened).rejects.toThrow(
    /^ONNX Runtime is not installed.*npm install.*onnxruntime-node@/,
  )
})
