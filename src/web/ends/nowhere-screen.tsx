import { Bar } from '../parts/bar.js'
import { Icon } from '../parts/icon.js'
import { say } from '../words/say.js'

/** An unknown address. */
export function NowhereScreen() {
  return (
    <div class="page page--ended">
      <Bar />
      <main class="ended">
        <section class="fin" aria-labelledby="nowhere-title">
          <h1 id="nowhere-title">{say('nowhere')}</h1>
          <p class="note">{say('nowhereNote')}</p>
          <div class="two">
            <a class="main" href="/">
              <span>{say('openATable')}</span>
              <Icon name="door" />
            </a>
          </div>
        </section>
      </main>
    </div>
  )
}
