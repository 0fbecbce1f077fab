import { whole } from '../format/number.ts'
import { perplexityOf } from '../format/rubric.ts'

/** A score, or the sum of those of so many rounds: as the perplexity that it stands for, where it is one. */
export function Score({
  of,
  rubric,
  rounds = 1,
}: {
  of: string | number
  rubric: string
  rounds?: number
}) {
  const perplexity = perplexityOf(rubric, of, rounds)
  return perplexity === undefined ? (
    <span className="number">{whole(of)}</span>
  ) : (
    <span
      className="number"
      title={`${rounds > 1 ? `Sum of ${rounds} scores` : 'Score'} ${whole(of)}`}
    >
      {perplexity.toFixed(3)} <span className="unit">perplexity</span>
    </span>
  )
}
