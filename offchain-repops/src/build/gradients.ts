import { operatorOf } from '../ops/index.ts'
import { shapesOf } from '../program/shapes.ts'
import type { Input } from '../program/types.ts'
import { inputWants } from '../program/wants.ts'
import type { Graph } from './Graph.ts'
import { BuildError, sameShape, type Shape } from './shapes.ts'
import { Value } from './Value.ts'

/**
 * Gradients of a scalar with respect to some values, in their shapes, by reverse-mode differentiation.
 * Contributions are collected by what they belong to (a node, a state, a constant) and never by shape:
 * reshapes are free, so one tensor is seen under many.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.count !== 1 || loss.input.kind !== 'node' || loss.type !== 'f32')
    throw new BuildError('gradients are taken of a single f32 that a node computes')
  const { graph } = loss
  const last = loss.input.ref
  const relevant = reachable(graph, last, wrt)
  const collected = new Map<string, Value>()
  const collect = (to: Value, gradient: Value | undefined): void => {
    const key = keyOf(to.input)
    if (gradient === undefined || to.type !== 'f32' || !relevant.has(key)) return
    const fitted = fit(gradient, to.shape)
    const before = collected.get(key)
    collected.set(key, before ? before.add(fitted.reshape(before.shape)) : fitted)
  }

  collect(loss, loss.scalar(1).reshape(loss.shape))
  for (let ref = last; ref >= 0; ref--) {
    const dy = collected.get(keyOf({ kind: 'node', ref }))
    if (dy === undefined) continue
    const override = graph.gradientOf(ref)
    if (override) {
      const parts = override.backward(dy.reshape(override.output.shape))
      override.inputs.forEach((input, k) => {
        collect(input, parts[k])
      })
    } else collectPrimitive(graph, ref, dy, collect)
  }
  return wrt.map((value) => {
    const gradient = collected.get(keyOf(value.input))
    if (gradient === undefined)
      throw new BuildError(`the loss does not depend on ${keyOf(value.input)}`)
    return gradient.reshape(value.shape)
  })
}

function collectPrimitive(
  graph: Graph,
  ref: number,
  dy: Value,
  collect: (to: Value, gradient: Value | undefined) => void,
): void {
  const node = graph.node(ref)
  const shapes = shapesOf(node)
  const inputs = node.inputs.map(
    (input, k) => new Value(graph, input, inputWants(node, k).type, shapes.inputs[k]),
  )
  const output = new Value(graph, { kind: 'node', ref }, 'f32', shapes.output)
  const parts = operatorOf(node.op).gradient?.({
    node,
    inputs,
    output,
    dy: dy.reshape(shapes.output),
  })
  inputs.forEach((input, k) => {
    collect(input, parts?.[k])
  })
}

/** What lies between `wrt` and the loss: nodes that depend on one of them, and they themselves. */
function reachable(graph: Graph, last: number, wrt: readonly Value[]): Set<string> {
  const found = new Set(wrt.map((value) => keyOf(value.input)))
  for (let ref = 0; ref <= last; ref++) {
    const key = keyOf({ kind: 'node', ref })
    if (graph.node(ref).inputs.some((input) => found.has(keyOf(input)))) found.add(key)
  }
  return found
}

/** The gradient in the shape of what it belongs to: summed or repeated along axes of one element. */
function fit(gradient: Value, shape: Shape): Value {
  const summed =
    gradient.rank >= shape.length ? gradient.sumTo(reducible(gradient.shape, shape)) : gradient
  return sameShape(summed.shape, shape) ? summed : summed.expand(shape)
}

/** `shape`, but with one element wherever the gradient has one. */
function reducible(gradient: Shape, shape: Shape): number[] {
  const lead = gradient.length - shape.length
  return shape.map((dim, axis) => (gradient[axis + lead] === 1 ? 1 : dim))
}

const keyOf = (input: Input): string => ('ref' in input ? `${input.kind} ${input.ref}` : input.kind)
