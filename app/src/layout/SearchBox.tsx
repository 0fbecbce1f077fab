import { type SubmitEvent, useState } from 'react'
import { useLocation } from 'wouter'

/** Takes an id, an address, a hash or its beginning to the page of results. */
export function SearchBox() {
  const [text, setText] = useState('')
  const [, navigate] = useLocation()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const wanted = text.trim()
    if (wanted !== '') navigate(`/search?text=${encodeURIComponent(wanted)}`)
  }
  return (
    <form role="search" className="search" onSubmit={submit}>
      <input
        type="search"
        aria-label="Search for an id, an address or a hash"
        placeholder="Id, address or hash"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
        }}
      />
      <button type="submit">Search</button>
    </form>
  )
}
