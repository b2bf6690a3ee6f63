import { hasKeys } from '../device/preferences.js'
import { PanelPage } from '../parts/panel-page.js'
import { Switch } from '../settings/controls.js'
import type { Table } from '../table/table.js'
import type { WordKey } from '../words/catalogue.js'
import { say } from '../words/say.js'

const KEYS: readonly (readonly [readonly string[], WordKey])[] = [
  [['5'], 'keyCard'],
  [['1', '3'], 'keyTwo'],
  [['c'], 'keyLetter'],
  [['Backspace'], 'keyBack'],
  [['Tab'], 'keyTab'],
  [['←', '→'], 'keyArrows'],
  [['Space'], 'keySpace'],
  [['Esc'], 'keyEscape'],
  [['h'], 'keyHelp'],
]

/** All keys, and the switch that turns single keys off. */
export function KeysScreen({ table }: { readonly table: Table }) {
  return (
    <PanelPage table={table} title={say('keys')} layout="settings">
      <section aria-labelledby="keys-title">
        <h2 id="keys-title">{say('keysTitle')}</h2>
        <dl class="keys">
          {KEYS.map(([keys, text]) => (
            <div key={text} class="set">
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{say(text)}</dd>
            </div>
          ))}
        </dl>
        <Switch
          id="keys"
          label={say('keysChoose')}
          note={say('keysChooseNote')}
          isOn={hasKeys.value}
          onTurn={(isOn) => {
            hasKeys.value = isOn
          }}
        />
      </section>
    </PanelPage>
  )
}
