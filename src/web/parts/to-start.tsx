import { say } from '../words/say.js'

/** A link to the start page. */
export function ToStart() {
  return (
    <a class="txt" href="/">
      {say('toTheStart')}
    </a>
  )
}
