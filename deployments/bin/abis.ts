// `npm run abis`: writes the typed ABIs of the contracts to deployments/src/abis.
import { renderAbis, writeAbis } from '../src/abis.ts'

const modules = await renderAbis()
writeAbis(modules)
console.log(`${modules.size} files written to deployments/src/abis`)
