import { type ReactNode, useEffect, useRef } from 'react'
import type { Answer } from '../data/useAnswer.ts'

/** A page: its title in the tab and as the heading, which has the focus after following a link. */
export function Page({
  title,
  aside,
  children,
}: {
  title: string
  /** Beside the heading: a status, say. */
  aside?: ReactNode
  children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Lockstep`
  }, [title])
  useEffect(() => {
    if (hasNavigated) {
      window.scrollTo(0, 0)
      heading.current?.focus({ preventScroll: true })
    }
    hasNavigated = true
  }, [])
  return (
    <>
      <div className="heading">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <div className="aside">{aside}</div>
      </div>
      {children}
    </>
  )
}

// The first page that is shown leaves the focus where the browser has it.
let hasNavigated = false

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** Reserves the room of what is still to come. */
export const Skeleton = ({ height }: { height: number }) => (
  <div className="skeleton" style={{ height }} aria-hidden="true" />
)

export function Notice({
  tone = 'calm',
  children,
}: {
  tone?: 'calm' | 'bad'
  children: ReactNode
}) {
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      {children}
    </div>
  )
}

/**
 * What is built from an answer: its room while it is awaited, what is wrong if there never was one, and else the last
 * one there is (the line at the top of the page says how old it is).
 */
export function Answered<Result>({
  answer,
  height = 400,
  children,
}: {
  answer: Answer<Result>
  height?: number
  children: (data: Result) => ReactNode
}) {
  const { data, problem } = answer
  if (data !== undefined) return children(data)
  if (problem === undefined) {
    return (
      <div role="status">
        <span className="sr-only">Reading …</span>
        <Skeleton height={height} />
      </div>
    )
  }
  return (
    <Notice tone="bad">
      <p>
        This cannot be shown: <span className="foreign">{problem}</span>.
      </p>
      <p>It is asked for again every few seconds; nothing needs to be done here.</p>
    </Notice>
  )
}
