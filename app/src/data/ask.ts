import { print } from '@0no-co/graphql.web'
import type { TadaDocumentNode } from 'gql.tada'

/** An answer of GraphQL could not be had; the message is for people. */
export class AskError extends Error {
  override readonly name = 'AskError'
  /** Whether asking again may help. */
  readonly passes: boolean

  constructor(message: string, passes: boolean, options?: ErrorOptions) {
    super(message, options)
    this.passes = passes
  }
}

const texts = new WeakMap<object, string>()

/** The text of a document, printed once. */
export function textOf(document: TadaDocumentNode<never, never> | object): string {
  let text = texts.get(document)
  if (text === undefined) {
    text = print(document as Parameters<typeof print>[0])
    texts.set(document, text)
  }
  return text
}

const PATIENCE_MS = 10_000

/** Asks GraphQL one question. Throws an AskError. */
export async function ask<Result, Variables>(
  url: string,
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  const limit = AbortSignal.timeout(PATIENCE_MS)
  let response: Response
  let body: string
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
      },
      body: JSON.stringify({ query: textOf(document), variables }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    body = await response.text()
  } catch (cause) {
    if (signal?.aborted) throw cause
    const why = limit.aborted ? `no answer within ${PATIENCE_MS / 1000} s` : 'no answer'
    throw new AskError(`${why} from ${new URL(url).host}`, true, { cause })
  }
  const json = parse(body)
  const error = json?.errors?.at(0)
  if (error !== undefined) throw new AskError(error.message, response.status >= 500)
  if (json?.data == null) {
    const what = json === undefined ? ', and not as GraphQL does' : ' without data'
    throw new AskError(`${new URL(url).host} answers ${response.status}${what}`, true)
  }
  return json.data as Result
}

interface Reply {
  readonly data?: object | null
  readonly errors?: readonly { readonly message: string }[]
}

function parse(body: string): Reply | undefined {
  try {
    const json: unknown = JSON.parse(body)
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}
