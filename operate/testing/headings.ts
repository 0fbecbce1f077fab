/** The anchors of a Markdown page's headings, as GitHub makes them. */
export function headingsOf(page: string): string[] {
  const withoutCode = page.replaceAll(/^```[\s\S]*?^```/gm, '')
  return [...withoutCode.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
}
