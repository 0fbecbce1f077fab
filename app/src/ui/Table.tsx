import { type ReactNode, useId } from 'react'

export interface Column<Row> {
  readonly head: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand to the right, so that their digits line up. */
  readonly number?: boolean
  /** Left out where there is little width. */
  readonly wide?: boolean
}

/** A table with a caption that says what it lists; it scrolls by itself where it is too wide. */
export function Table<Row>({
  caption,
  columns,
  rows,
  id,
  none = 'None yet.',
  isCaptionHidden = false,
}: {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  id: (row: Row) => string
  /** What is said where there are no rows. */
  none?: string
  isCaptionHidden?: boolean
}) {
  const captionId = useId()
  const styleOf = ({ number, wide }: Column<Row>): string =>
    [number === true ? 'right' : '', wide === true ? 'wide' : ''].join(' ').trim()
  return (
    <div className="table" role="region" aria-labelledby={captionId} tabIndex={0}>
      <table>
        <caption id={captionId} className={isCaptionHidden ? 'sr-only' : ''}>
          <span>{caption}</span>
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" className={styleOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((column) => (
                <td key={column.head} className={styleOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {rows.length === 0 ? (
            <tr>
              <td colSpan={columns.length} className="faint">
                {none}
              </td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </div>
  )
}
