import type { ComponentChildren, Ref } from 'preact'

interface FieldProps {
  readonly id: string
  readonly label: string
  /** Stands behind the label, as "optional". */
  readonly aside?: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly autocomplete?: string
  readonly maxLength?: number
  readonly describedBy?: string
  readonly isInvalid?: boolean
  /** Before the text, on its line. */
  readonly before?: ComponentChildren
  /** Stands before what is written, and belongs to it. */
  readonly prefix?: string
  readonly inputRef?: Ref<HTMLInputElement>
}

/** A line to write on. */
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
