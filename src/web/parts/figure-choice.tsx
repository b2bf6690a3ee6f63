import { say } from '../words/say.js'
import { Figure } from './figure.js'
import { FIGURES } from './figure-of.js'

interface FigureChoiceProps {
  readonly figure: number
  readonly onChoose: (figure: number) => void
}

/** Sixteen figures to choose from. */
export function FigureChoice({ figure, onChoose }: FigureChoiceProps) {
  return (
    <fieldset class="figs">
      <legend>{say('yourFigure')}</legend>
      <div>
        {Array.from({ length: FIGURES }, (_, index) => (
          <label key={index}>
            <input
              type="radio"
              name="figure"
              aria-label={say('figureNumber', { number: index + 1 })}
              checked={index === figure}
              onChange={() => onChoose(index)}
            />
            <Figure figure={index} />
          </label>
        ))}
      </div>
    </fieldset>
  )
}
