import { Link } from 'wouter'
import { abbreviate } from '../format/hex.ts'
import { Hex } from './values.tsx'

/** Addresses of pages, in one place: `#` and the router's prefix are not part of them. */
export const paths = {
  job: (id: string) => `/jobs/${id}`,
  claim: (id: string) => `/claims/${id}`,
  dispute: (id: string) => `/disputes/${id}`,
  operator: (id: string) => `/operators/${id}`,
  account: (id: string) => `/accounts/${id}`,
  market: (id: string) => `/markets/${id}`,
  contest: (id: string) => `/contests/${id}`,
  evaluator: (id: string) => `/evaluators/${id}`,
  model: (id: string) => `/models/${id}`,
  series: (id: string) => `/series/${id}`,
} as const

export const JobLink = ({ id }: { id: string }) => <Link href={paths.job(id)}>Job {id}</Link>
export const ClaimLink = ({ id }: { id: string }) => (
  <Link href={paths.claim(id)} title={id}>
    Claim {abbreviate(id)}
  </Link>
)
export const DisputeLink = ({ id }: { id: string }) => (
  <Link href={paths.dispute(id)} title={id}>
    Dispute {abbreviate(id)}
  </Link>
)
export const MarketLink = ({ id }: { id: string }) => (
  <Link href={paths.market(id)} title={id}>
    Market {abbreviate(id)}
  </Link>
)
export const ContestLink = ({ id }: { id: string }) => (
  <Link href={paths.contest(id)} title={id}>
    Contest {abbreviate(id)}
  </Link>
)
export const SeriesLink = ({ id }: { id: string }) => (
  <Link href={paths.series(id)} title={id}>
    Series {abbreviate(id)}
  </Link>
)
export const EvaluatorLink = ({ id }: { id: string }) => <Hex of={id} to={paths.evaluator(id)} />
export const OperatorLink = ({ id }: { id: string }) => <Hex of={id} to={paths.operator(id)} />
export const AccountLink = ({ id }: { id: string }) => <Hex of={id} to={paths.account(id)} />
export const ModelLink = ({ id }: { id: string }) => <Hex of={id} to={paths.model(id)} />
