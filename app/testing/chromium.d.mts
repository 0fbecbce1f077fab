/** What decides whether there is a browser, and whether it can be installed. */
export interface Machine {
  readonly chromium: string
  /** Whether somebody named this browser: then no other will do. */
  readonly isNamed: boolean
  readonly aptGet: string
  readonly sudo: string
  readonly isRoot: boolean
  readonly say: (line: string) => void
}

/** Debian's browser, or the one that `LOCKSTEP_CHROMIUM` names. */
export declare const CHROMIUM: string

/** Sees to it that there is a browser; what is wrong and what to do about it if there is none. */
export declare function provideChromium(machine?: Machine): string | undefined
