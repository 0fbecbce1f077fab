/**
 * What runs the C++ engine (native/) for us: the Node addon, or a WebAssembly instance. All of them take and give
 * the same numbers; a call with wrong ones throws. `Session` is the host's own handle.
 */
export interface EngineHost<Session> {
  /** A session without memory, slots or tasks. */
  open(): Session
  /** Adds zeroed memory. The first one has one word: the step number. What is constant (1) is changed by `write` only. */
  addMemory(session: Session, words: number, constant: 0 | 1): void
  /** Adds a slot of `count` words, `offset` words from the start of the memory with that number. */
  addSlot(session: Session, memory: number, offset: number, count: number): void
  /** Adds a task: see encodeTask. */
  addTask(session: Session, numbers: Float64Array): void
  read(session: Session, slot: number, words: Int32Array): void
  write(session: Session, slot: number, words: Int32Array): void
  run(
    session: Session,
    from: number,
    to: number,
    step: number,
    seed: bigint,
  ): Promise<Uint8Array> | Uint8Array
  roots(session: Session, slots: Float64Array): Promise<Uint8Array> | Uint8Array
  /** Gives the session's memory back, at the latest when what it runs has ended. */
  close(session: Session): void
}
