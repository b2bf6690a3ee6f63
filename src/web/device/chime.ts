const TONE_HZ = 660
const TONE_S = 0.18
const LOUDNESS = 0.08

let audio: AudioContext | null = null

/** One short, quiet tone, for people who asked for it. */
export function chime(): void {
  try {
    audio ??= new AudioContext()
    const oscillator = audio.createOscillator()
    const gain = audio.createGain()
    const now = audio.currentTime
    oscillator.frequency.value = TONE_HZ
    gain.gain.setValueAtTime(LOUDNESS, now)
    gain.gain.exponentialRampToValueAtTime(0.0001, now + TONE_S)
    oscillator.connect(gain).connect(audio.destination)
    oscillator.start(now)
    oscillator.stop(now + TONE_S)
  } catch {
    // The device has no sound.
  }
}
