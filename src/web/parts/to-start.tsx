import { say } from '../words/say.js'

/** The way back to the first screen. */
export function ToStart() {
  return (
    <a class="txt" href="/">
      {say('toTheStart')}
    </a>
  )
}
