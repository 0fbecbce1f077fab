/** A tree of a trace: docs/spec/verde.md, section 1. Steps are numbered over the whole job, from 0. */
export type Place =
  | { readonly tree: 'checkpoints' }
  | { readonly tree: 'steps'; readonly interval: number }
  | { readonly tree: 'graph'; readonly step: number }
  | { readonly tree: 'state'; readonly step: number }
  | { readonly tree: 'tensor'; readonly step: number; readonly node: number }

/** A node of a tree: `height` above the leaves, `index` in its row. */
export interface NodeAt {
  readonly height: number
  readonly index: number
}

/** How many levels below a node a row lies: the same for reveals on chain and for rows over HTTP. */
export const ROW_LEVELS = 6

/** The path under which a place is served: `steps/3`, `tensor/17/4`. */
export function placePath(place: Place): string {
  switch (place.tree) {
    case 'checkpoints':
      return 'checkpoints'
    case 'steps':
      return `steps/${place.interval}`
    case 'graph':
    case 'state':
      return `${place.tree}/${place.step}`
    case 'tensor':
      return `tensor/${place.step}/${place.node}`
  }
}

const ARGUMENTS = { checkpoints: 0, steps: 1, graph: 1, state: 1, tensor: 2 } as const

/** Reads a place off the front of a path; returns what is left of the path, or undefined if it is no place. */
export function parsePlace(
  path: readonly string[],
): { place: Place; rest: readonly string[] } | undefined {
  const tree = path.at(0)
  const rest = path.slice(1)
  if (tree === undefined || !Object.hasOwn(ARGUMENTS, tree)) return undefined
  const numbers = rest.slice(0, ARGUMENTS[tree as keyof typeof ARGUMENTS]).map(parseIndex)
  if (numbers.length < ARGUMENTS[tree as keyof typeof ARGUMENTS] || numbers.includes(undefined))
    return undefined
  const [a, b] = numbers as number[]
  const place = {
    checkpoints: { tree: 'checkpoints' },
    steps: { tree: 'steps', interval: a },
    graph: { tree: 'graph', step: a },
    state: { tree: 'state', step: a },
    tensor: { tree: 'tensor', step: a, node: b },
  }[tree as keyof typeof ARGUMENTS] as Place
  return { place, rest: rest.slice(numbers.length) }
}

/** A canonical index below 2^40, or undefined. */
export function parseIndex(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0|[1-9]\d{0,12})$/.test(text)) return undefined
  const value = Number(text)
  return value < 2 ** 40 ? value : undefined
}
