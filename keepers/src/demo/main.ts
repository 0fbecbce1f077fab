import { type DemoReport, runDemo } from './demo.ts'
import { parseOptions } from './options.ts'
import { playMain } from './play-main.ts'

await playMain(parseOptions, runDemo, summary)

function summary({ jobs, disputes, seconds }: DemoReport): string[] {
  return [
    ...jobs.map(
      ({ id, status, lossFirst, lossLast, paid }) =>
        `job ${id}: ${status}, loss ${lossFirst?.toFixed(4)} → ${lossLast?.toFixed(4)}, ${paid} $AI paid`,
    ),
    ...disputes.map(
      ({ job, winner, slashed, challengerReward, transactions, gas, path }) =>
        `dispute over job ${job}: the ${winner} won in ${transactions} transactions and ${gas.toLocaleString('en')} gas; ` +
        `${slashed} $AI slashed, ${challengerReward} to the challenger; ` +
        `checkpoint ${path.checkpoint} → step ${path.step} → node ${path.node} (${path.operator}) → ` +
        `element ${path.element} → segment ${path.segment}`,
    ),
    `${seconds.toFixed(0)} seconds`,
  ]
}
