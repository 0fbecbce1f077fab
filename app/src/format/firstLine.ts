/** The first line of what went wrong, without the full stop: it stands within sentences. */
export const firstLine = (error: unknown): string =>
  ((error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '').replace(
    /\.$/,
    '',
  )
