/**
 * A URL as it may be shown. Providers put keys into the path or the query of an endpoint's URL, and databases have
 * passwords before the host: of all that, only the host is left. `http://127.0.0.1:8545` stays as it is.
 */
export function withoutSecrets(url: string): string {
  // A word alone is no secret, and whoever mistyped it looks for it; anything else may have been meant as a URL.
  if (!URL.canParse(url)) return /[/?@:]/.test(url) ? '… (no URL)' : url
  const { protocol, host, pathname, search, hash, username, password } = new URL(url)
  const isPlain = ['', '/'].includes(pathname) && search + hash + username + password === ''
  if (isPlain) return url
  if (host === '') return `${protocol}…`
  return `${protocol}//${username + password === '' ? '' : '…@'}${host}/…`
}
