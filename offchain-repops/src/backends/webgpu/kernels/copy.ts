import type { CopyKernel } from '../../../execute/plan/types.ts'
import type { Dispatch, Location, Shader } from '../Shader.ts'

export function copy({ count }: CopyKernel, x: Location, out: Location, shader: Shader): Dispatch {
  return shader.dispatchEach(count, shader.write(out, 'i', shader.read(x, 'i')))
}
