import type { ComponentChildren, Ref } from 'preact'

interface FieldProps {
  readonly id: string
  readonly label: string
  /** Shown after the label, such as "optional". */
  readonly aside?: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly autocomplete?: string
  readonly maxLength?: number
  readonly describedBy?: string
  readonly isInvalid?: boolean
  /** Shown before the text, on the same line. */
  readonly before?: ComponentChildren
  /** Shown before the input, as part of it. */
  readonly prefix?: string
  readonly inputRef?: Ref<HTMLInputElement>
}

/** A text field. */
export function Field(props: FieldProps) {
  const {
    id,
    label,
    aside,
    value,
    onInput,
    autocomplete = 'off',
    maxLength,
    describedBy,
    isInvalid,
    before,
    prefix,
  } = props
  const { inputRef = null } = props
  return (
    <div class="fld">
      <label for={id}>
        {label}
        {aside !== undefined && <span> {aside}</span>}
      </label>
      <div class="field">
        {before}
        {prefix !== undefined && (
          <span class="pre" dir="ltr">
            {prefix}
          </span>
        )}
        <input
          id={id}
          ref={inputRef}
          type="text"
          dir="auto"
          autocomplete={autocomplete}
          maxLength={maxLength}
          aria-describedby={describedBy}
          aria-invalid={isInvalid === true ? 'true' : undefined}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </div>
    </div>
  )
}
