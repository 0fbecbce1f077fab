import { Component, type ReactNode } from 'react'
import { Notice, Page } from '../ui/Page.tsx'

/** Shows what broke instead of an empty page; another page (`of`) begins anew. */
export class Boundary extends Component<{ of: string; children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override componentDidUpdate(before: { of: string }): void {
    if (before.of !== this.props.of && this.state.error !== undefined) {
      this.setState({ error: undefined as never })
    }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <Page title="This page broke">
        <Notice tone="bad">
          <p className="foreign">{error.message}</p>
          <p>
            <button
              type="button"
              onClick={() => {
                location.reload()
              }}
            >
              Load it again
            </button>
          </p>
        </Notice>
      </Page>
    )
  }
}
