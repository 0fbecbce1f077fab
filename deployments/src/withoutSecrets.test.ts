import { expect, test } from 'vitest'
import { withoutSecrets } from './withoutSecrets.ts'

test.each([
  ['http://127.0.0.1:8545', 'http://127.0.0.1:8545'],
  ['https://rpc.example/', 'https://rpc.example/'],
  ['https://rpc.example/v2/secret', 'https://rpc.example/…'],
  ['https://rpc.example/?key=secret', 'https://rpc.example/…'],
  ['https://rpc.example/#secret', 'https://rpc.example/…'],
  ['https://user:secret@rpc.example', 'https://…@rpc.example/…'],
  ['https://:secret@rpc.example:8545/v2/secret', 'https://…@rpc.example:8545/…'],
  ['postgresql://lockstep:secret@127.0.0.1:5432/lockstep', 'postgresql://…@127.0.0.1:5432/…'],
  ['postgresql:///lockstep?host=/run&password=secret', 'postgresql:…'],
  ['postgresql://lockstep:secret/and@127.0.0.1/lockstep', '… (no URL)'],
  ['rpc.example/v2/secret', '… (no URL)'],
  ['localhost:8545', 'localhost:…'],
  ['localhost', 'localhost'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutSecrets(url)).toBe(shown)
})
