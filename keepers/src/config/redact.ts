/** Providers put keys into the path or the query of an endpoint's URL, and passwords before its host: none is shown. */
export function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return url
  const { protocol, host, pathname, search, username } = new URL(url)
  const isPlain = (pathname === '/' || pathname === '') && search === '' && username === ''
  return isPlain ? url : `${protocol}//${username === '' ? '' : '…@'}${host}/…`
}
