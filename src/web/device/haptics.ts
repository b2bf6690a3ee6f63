/** A card was laid: felt more than noticed. Never the only sign of it; not every device has one. */
export function tap(): void {
  buzz([10])
}

/** Somebody is waited for. */
export function knock(): void {
  buzz([30, 60, 30])
}

function buzz(pattern: number[]): void {
  // Before the first touch browsers refuse, and say so in the console.
  if (navigator.userActivation?.hasBeenActive === true) navigator.vibrate?.(pattern)
}
