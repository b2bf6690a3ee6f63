/** A card was cast: felt rather than noticed. Never the only sign of it; not every device vibrates. */
export function tap(): void {
  buzz([10])
}

/** Others are waiting for this person. */
export function knock(): void {
  buzz([30, 60, 30])
}

function buzz(pattern: number[]): void {
  // Before the first touch, browsers refuse and complain in the console.
  if (navigator.userActivation?.hasBeenActive === true) navigator.vibrate?.(pattern)
}
