import { readSettings } from '../../config/settings.ts'

export const { contracts } = readSettings(process.env).deployment
