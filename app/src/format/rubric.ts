/** What scores mean that the network's own evaluators give, by the content hash of the rubric they register. */
export const RUBRICS: Readonly<Partial<Record<string, { name: string; text: string }>>> = {
  '0x21678470a38d346173090bd543c6ade8e6ec087715e8adec94b255c3a5732365': {
    name: 'perplexity',
    text: 'Minus the mean cross entropy of the next token, in millionths of a nat: -1000000 ln(perplexity).',
  },
  '0xce120202be300a1721f2897225c620e2ff775a8ce3f87004064b7f88ca232060': {
    name: 'accuracy',
    text: 'The number of right answers.',
  },
  '0xe54551c21063bd94f04c4a124eeb1a5df41cfdb359afba246f0ba1b27ee14b18': {
    name: 'odds',
    text: 'The mean over the texts of the logarithm of the odds that the judge finds a text genuine, in millionths.',
  },
}

/** The perplexity that a sum of scores of so many rounds stands for; undefined where the rubric is another. */
export function perplexityOf(rubric: string, sum: string | number, rounds = 1): number | undefined {
  if (RUBRICS[rubric]?.name !== 'perplexity' || rounds === 0) return undefined
  return Math.exp(-Number(sum) / rounds / 1e6)
}
