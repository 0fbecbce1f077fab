import { playMain } from '../play-main.ts'
import { type MarketDemoReport, runMarketDemo } from './demo.ts'
import { parseOptions } from './options.ts'

await playMain(parseOptions, runMarketDemo, summary)

function summary({ entrants, traders, disputes, seconds }: MarketDemoReport): string[] {
  return [
    ...entrants.map(
      ({ name, total, price, won }) =>
        `${name}: total score ${total}, last price ${price}${won ? ', the winner' : ''}`,
    ),
    ...traders.map(({ name, paid, redeemed }) => {
      const gain = Number(redeemed) - Number(paid)
      return `${name}: paid ${Number(paid).toFixed(2)} $AI, redeemed ${Number(redeemed).toFixed(2)}, ${gain < 0 ? 'lost' : 'won'} ${Math.abs(gain).toFixed(2)}`
    }),
    ...disputes.map(
      ({ job, winner, transactions, gas }) =>
        `dispute over job ${job}: the ${winner} won in ${transactions} transactions and ${gas.toLocaleString('en')} gas`,
    ),
    `${seconds.toFixed(0)} seconds`,
  ]
}
