export interface ScalarValue {
  readonly bits: string
  readonly decimal: string
}

/**
 * Two numbers of 32 bits above each other, as hexadecimal, decimal and bits: sign, exponent and fraction of a
 * floating-point number apart. Bits that differ are marked.
 */
export function Bits({
  claimed,
  right,
  isInt32,
}: {
  /** Null while it is not known. */
  claimed: ScalarValue | null
  right: ScalarValue | null
  isInt32: boolean
}) {
  const differing =
    claimed === null || right === null ? 0 : (Number(claimed.bits) ^ Number(right.bits)) >>> 0
  const count = differing.toString(2).replaceAll('0', '').length
  return (
    <div className="bits">
      <Row name="Claimed by the solver" value={claimed} differing={differing} isInt32={isInt32} />
      <Row name="Right, by the referee" value={right} differing={differing} isInt32={isInt32} />
      <p className="faint">
        {claimed === null
          ? 'The solver has not been brought to name one yet. '
          : right === null
            ? 'No referee has computed the right one yet. '
            : `${count} of 32 bits ${count === 1 ? 'differs' : 'differ'}. `}
        {isInt32
          ? 'A whole number.'
          : 'Bits: sign, exponent and fraction of a floating-point number.'}
      </p>
    </div>
  )
}

function Row({
  name,
  value,
  differing,
  isInt32,
}: {
  name: string
  value: ScalarValue | null
  differing: number
  isInt32: boolean
}) {
  const bits =
    value === null ? '·'.repeat(32) : (Number(value.bits) >>> 0).toString(2).padStart(32, '0')
  const groups = isInt32 ? [8, 8, 8, 8] : [1, 8, 23]
  let at = 0
  return (
    <div className="bit-row">
      <h3>{name}</h3>
      <p>
        <code className="decimal">{value?.decimal ?? '–'}</code> <code>{value?.bits}</code>
      </p>
      <p
        className="cells"
        aria-label={value === null ? 'Not known' : `Bits of ${value.bits}`}
        role="img"
      >
        {groups.map((length, group) => {
          const from = at
          at += length
          return (
            <span className="group" key={group}>
              {Array.from(bits.slice(from, at), (bit, i) => (
                <span
                  key={i}
                  className={(differing >>> (31 - from - i)) & 1 ? 'differs' : undefined}
                >
                  {bit}
                </span>
              ))}
            </span>
          )
        })}
      </p>
    </div>
  )
}
