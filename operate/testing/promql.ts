import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

/** A selector in an expression: a metric and the matchers of its labels. */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly value: string }[]
}

/** What an expression of PromQL names. */
export interface Expression {
  readonly selectors: readonly Selector[]
  /** Labels that it groups or matches by. */
  readonly groupings: readonly string[]
  /** Whether what comes out has no other labels than those. */
  readonly isAggregate: boolean
}

/** Parses an expression. Throws where it is none, with the place. */
export function parsePromql(expr: string): Expression {
  const selectors: Selector[] = []
  const groupings: string[] = []
  let isAggregate = false
  const text = ({ from, to }: SyntaxNode) => expr.slice(from, to)
  parser.parse(expr).iterate({
    enter({ node, type }) {
      if (type.isError)
        throw new Error(`no PromQL at ${node.from}: ${expr.slice(0, node.from)} >>> ${expr}`)
      if (type.name === 'AggregateExpr') isAggregate = true
      if (type.name === 'GroupingLabels') groupings.push(...node.getChildren('LabelName').map(text))
      if (type.name === 'VectorSelector') selectors.push(toSelector(node, text))
    },
  })
  return { selectors, groupings, isAggregate }
}

function toSelector(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const name = node.getChild('Identifier')
  if (name === null) throw new Error(`a selector without a metric: ${text(node)}`)
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
  return {
    metric: text(name),
    matchers: matchers.map((matcher) => ({
      label: text(matcher.getChild('LabelName')!),
      value: text(matcher.getChild('StringLiteral')!).slice(1, -1),
    })),
  }
}
