export { accuracyEvaluator } from './accuracy.ts'
export { evaluationJob, type Evaluator } from './Evaluator.ts'
export {
  judgeTrainingJob,
  type JudgeTrainingOptions,
  learnedJudge,
  type LearnedJudgeOptions,
} from './learnedJudge.ts'
export { perplexityEvaluator, type PerplexityOptions } from './perplexity.ts'
export { NO_SCORE, SCORE_UNIT } from './score.ts'
export {
  divideTexts,
  SHIPPED_JUDGE_ROOT,
  SHIPPED_JUDGE_RUN,
  shippedJudge,
  shippedJudgeJob,
} from './shippedJudge.ts'
