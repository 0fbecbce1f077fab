import { createContext, useContext } from 'react'
import type { Config } from './config.ts'

export const ConfigContext = createContext<Config | null>(null)

/** What config.json says; everything below the start page may use it. */
export function useConfig(): Config {
  const config = useContext(ConfigContext)
  if (config === null) throw new Error('useConfig outside of ConfigContext')
  return config
}
