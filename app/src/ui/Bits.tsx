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
  claimed: ScalarValue
  right: ScalarValue | null
  isInt32: boolean
}) {
  const differing = right === null ? 0 : (Number(claimed.bits) ^ Number(right.bits)) >>> 0
  const count = differing.toString(2).replaceAll('0', '').length
  return (
    <div className="bits">
      <Row name="Claimed by the solver" value={claimed} differing={differing} isInt32={isInt32} />
      {right === null ? (
        <p className="faint">The right value is not known: no referee has computed it.</p>
      ) : (
        <Row name="Right, by the referee" value={right} differing={differing} isInt32={isInt32} />
      )}
      <p className="faint">
        {isInt32
          ? 'A whole number of 32 bits'
          : 'A floating-point number: sign, exponent, fraction'}
        {right === null ? '.' : `; ${count} of 32 bits ${count === 1 ? 'differs' : 'differ'}.`}
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
  value: ScalarValue
  differing: number
  isInt32: boolean
}) {
  const bits = (Number(value.bits) >>> 0).toString(2).padStart(32, '0')
  const groups = isInt32 ? [8, 8, 8, 8] : [1, 8, 23]
  let at = 0
  return (
    <div className="bit-row">
      <h3>{name}</h3>
      <p>
        <code className="decimal">{value.decimal}</code> <code>{value.bits}</code>
      </p>
      <p className="cells" aria-label={`Bits of ${value.bits}`} role="img">
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
