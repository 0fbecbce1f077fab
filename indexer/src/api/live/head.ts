import { sql } from 'ponder'
import { type Database, relation, select } from '../data/database.ts'

/** Where the tables stand. */
export interface Head {
  /** Newest block whose events are in the tables; 0 before the first. */
  readonly number: bigint
  readonly timestamp: number
  /** Newest block that no reorganisation takes back any more. */
  readonly finalized: bigint
  /** Whether the past is read. */
  readonly isSynced: boolean
  /** Changes with every block that is taken in or taken back, and with nothing else. */
  readonly version: string
}

/** Reads where the indexer stands from Ponder's own tables. */
export async function readHead(database: Database): Promise<Head> {
  // A block without events moves the checkpoint only, a reorganisation at first the tables only: xmin is the
  // transaction that wrote a row. Until the next block is there, the latest checkpoint is that of before it then, and
  // the newest block that the tables surely hold is the one of their newest event. After a restart they are at the safe
  // checkpoint, and the latest one is what it was before, until the past is read again.
  const [row = {}] = await select(
    database,
    sql`SELECT m.value ->> 'is_ready' AS ready,
        CASE WHEN m.value ->> 'is_ready' = '1' AND age(n.xmin) < age(c.xmin) IS NOT TRUE THEN c.latest_checkpoint
          ELSE greatest(c.safe_checkpoint, e.checkpoint) END AS checkpoint,
        c.finalized_checkpoint AS finalized, concat_ws('/', c.xmin, n.xmin) AS version
      FROM ${relation(database, '_ponder_meta')} m
      LEFT JOIN ${relation(database, '_ponder_checkpoint')} c ON true
      LEFT JOIN ${relation(database, 'network')} n ON true
      LEFT JOIN LATERAL (SELECT concat(lpad(timestamp::text, 10, '0'), lpad(c.chain_id::text, 16, '0'),
          lpad(block::text, 16, '0')) AS checkpoint
        FROM ${relation(database, 'event')} ORDER BY id DESC LIMIT 1) e ON true
      WHERE m.key = 'app' LIMIT 1`,
  )
  const checkpoint = String(row.checkpoint ?? NOWHERE)
  return {
    number: numberOf(checkpoint),
    finalized: numberOf(String(row.finalized ?? NOWHERE)),
    timestamp: Number(checkpoint.slice(0, 10)),
    isSynced: row.ready === '1',
    version: `${checkpoint}/${String(row.version)}`,
  }
}

/** Checkpoints of Ponder: ten digits of the block's timestamp, sixteen of the chain, sixteen of the block's number. */
const NOWHERE = '0'.repeat(42)
const numberOf = (checkpoint: string): bigint => BigInt(checkpoint.slice(26, 42))
