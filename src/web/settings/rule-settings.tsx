import type { SettingsView } from '../../client/client.js'
import { say } from '../words/say.js'
import { Segment, Switch } from './controls.js'
import type { Wanted } from './wanted-settings.js'

interface RulesProps {
  readonly settings: SettingsView
  /** A round is open: whatever is fixed at its start cannot be changed now. */
  readonly isLocked: boolean
  readonly onChange: (changed: Wanted) => void
}

/** Time limits in seconds; 0: none. */
const LIMITS = [0, 30, 60, 120, 300]

/** The rules of this table, each with an explanation. */
export function RuleSettings({ settings, isLocked, onChange }: RulesProps) {
  const { round_seconds, who_may_reveal, auto_reveal, vote_after_reveal, anonymous_votes, listed } = settings
  const limits = LIMITS.includes(round_seconds ?? 0) ? LIMITS : [...LIMITS, round_seconds ?? 0]
  return (
    <>
      <Segment
        name="who-reveals"
        label={say('whoReveals')}
        note={say('whoRevealsNote')}
        values={[
          ['scrum_master', say('partLeads')],
          ['everyone', say('anybody')],
        ]}
        chosen={who_may_reveal}
        onChoose={(value) => onChange({ who_may_reveal: value })}
      />
      <Switch
        id="auto-reveal"
        label={say('autoReveal')}
        note={say('autoRevealNote')}
        isOn={auto_reveal}
        onTurn={(isOn) => onChange({ auto_reveal: isOn })}
      />
      <Segment
        name="limit"
        label={say('timeLimit')}
        note={say('timeLimitNote')}
        values={limits.map((seconds) => [String(seconds), limitWords(seconds)] as const)}
        chosen={String(round_seconds ?? 0)}
        onChoose={(value) => onChange({ round_seconds: Number(value) === 0 ? null : Number(value) })}
      />
      <Switch
        id="after-reveal"
        label={say('changeAfter')}
        note={say('changeAfterNote')}
        isOn={vote_after_reveal}
        onTurn={(isOn) => onChange({ vote_after_reveal: isOn })}
      />
      <Switch
        id="anonymous"
        label={say('withoutNames')}
        note={say(isLocked ? 'notWhileOpen' : 'withoutNamesNote')}
        isOn={anonymous_votes}
        isOff={isLocked}
        onTurn={(isOn) => onChange({ anonymous_votes: isOn })}
      />
      <Switch
        id="listed"
        label={say('listed')}
        note={say('listedNote')}
        isOn={listed}
        onTurn={(isOn) => onChange({ listed: isOn })}
      />
    </>
  )
}

function limitWords(seconds: number): string {
  if (seconds === 0) return say('noLimit')
  return seconds % 60 === 0 ? say('minutes', { count: seconds / 60 }) : say('seconds', { count: seconds })
}
