import { parentPort } from 'node:worker_threads'
import { load } from './bundle.mjs'

const { answer } = await load('keepers/src/trace/plan-worker.ts')
parentPort.on('message', (question) => parentPort.postMessage(answer(question)))
