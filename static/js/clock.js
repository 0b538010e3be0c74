// The server's clock in this browser, and how seconds are said. Pure but for the one request that sets the clock.

let offset = Date.now() - performance.now();

// What the page itself says the time is, until the first samples are there: the computer's own clock may be hours off.
export function startClock(ms) {
  if (ms) offset = ms - performance.now();
}

// Five samples; the one with the smallest round trip is the most honest. The offset is kept on the monotonic clock,
// so that changing the computer's own clock does nothing.
export async function setClock() {
  let best = Infinity;
  // One after the other: together they would wait for each other and measure that.
  for (let sample = 0; sample < 5; sample += 1) {
    const sent = performance.now();
    const answer = await fetch("/live/time", { cache: "no-store" });
    const { now } = await answer.json();
    const got = performance.now();
    if (got - sent < best) {
      best = got - sent;
      offset = now + best / 2 - got;
    }
  }
}

export const serverNow = () => performance.now() + offset;

// Counting down rounds up, over time rounds down, so that 0:00 is shown once. From two days on it counts in days.
export function said(left) {
  const seconds = left > 0 ? Math.ceil(left / 1000) : Math.floor(-left / 1000);
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${left > 0 ? "" : "+"}${Math.floor(hours / 24)} d`;
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  const text = hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  return left > 0 ? text : `+${text}`;
}

// Milliseconds until the shown second changes: the next paint is set for exactly then.
export const untilNextSecond = (left) => (((left % 1000) + 1000) % 1000) || 1000;
