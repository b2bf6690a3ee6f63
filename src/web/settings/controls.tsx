import type { ComponentChildren } from 'preact'

interface SwitchProps {
  readonly id: string
  readonly label: string
  readonly note: string
  readonly isOn: boolean
  /** It cannot be changed just now; its note says why. */
  readonly isOff?: boolean
  readonly onTurn: (isOn: boolean) => void
}

/** A switch, with an explanation. */
export function Switch({ id, label, note, isOn, isOff = false, onTurn }: SwitchProps) {
  return (
    <div class="set">
      <div>
        <label for={id}>{label}</label>
        <p id={`${id}-note`}>{note}</p>
      </div>
      <input
        class="switch"
        type="checkbox"
        role="switch"
        id={id}
        aria-describedby={`${id}-note`}
        aria-checked={isOn}
        checked={isOn}
        disabled={isOff}
        onChange={(event) => onTurn(event.currentTarget.checked)}
      />
    </div>
  )
}

interface SegmentProps<Value extends string> {
  readonly name: string
  readonly label: string
  readonly note?: ComponentChildren
  readonly values: readonly (readonly [Value, string])[]
  readonly chosen: Value
  readonly onChoose: (value: Value) => void
}

/** A choice of one among a few. */
export function Segment<Value extends string>(props: SegmentProps<Value>) {
  const { name, label, note, values, chosen, onChoose } = props
  return (
    <fieldset class="set">
      <legend class="vh">{label}</legend>
      <div>
        <p class="lb" aria-hidden="true">
          {label}
        </p>
        {note !== undefined && <p>{note}</p>}
      </div>
      <div class="seg">
        {values.map(([value, text]) => (
          <label key={value}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === chosen}
              onChange={() => onChoose(value)}
            />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
