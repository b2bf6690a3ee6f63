import { useEffect, useRef } from 'preact/hooks'

/** Whether the component is gone: a late answer must no longer change what is on the page. */
export function useGone(): { readonly current: boolean } {
  const gone = useRef(false)
  useEffect(
    () => () => {
      gone.current = true
    },
    [],
  )
  return gone
}
