// A clip's timing as plain data: in and out, and segments in order between them. Nothing here changes its arguments.

export const SHORTEST_MS = 100;

const segment = (startMs, endMs, speed) => ({ startMs, endMs, speed });

/** Fits the segments to a new in and out: what lies outside goes, what touched the old edge follows it. */
export function withEdges(timing, inMs, outMs) {
  const segments = timing.segments
    .map((one) =>
      segment(
        one.startMs === timing.inMs ? inMs : Math.max(one.startMs, inMs),
        one.endMs === timing.outMs ? outMs : Math.min(one.endMs, outMs),
        one.speed,
      ),
    )
    .filter((one) => one.endMs > one.startMs);
  return { inMs, outMs, segments: segments.length > 0 ? segments : [segment(inMs, outMs, 1)] };
}

/** Which segment plays at a moment, -1 if none does. */
export const segmentAt = (timing, ms) => timing.segments.findIndex((one) => ms >= one.startMs && ms < one.endMs);

/** Splits the segment under `ms` in two; the same timing if that would leave a part too short. */
export function split(timing, ms) {
  const i = segmentAt(timing, ms);
  const one = timing.segments[i];
  if (!one || ms - one.startMs < SHORTEST_MS || one.endMs - ms < SHORTEST_MS) return timing;
  const parts = [segment(one.startMs, ms, one.speed), segment(ms, one.endMs, one.speed)];
  return { ...timing, segments: timing.segments.toSpliced(i, 1, ...parts) };
}

export function withSpeed(timing, i, speed) {
  return { ...timing, segments: timing.segments.with(i, { ...timing.segments[i], speed }) };
}

/** Leaves a segment out: in or out move if it is at the edge, else there is a gap. */
export function cut(timing, i) {
  if (timing.segments.length === 1) return timing;
  const segments = timing.segments.toSpliced(i, 1);
  return {
    inMs: i === 0 ? segments[0].startMs : timing.inMs,
    outMs: i === segments.length ? segments.at(-1).endMs : timing.outMs,
    segments,
  };
}

/** What is left out between segments: `before` is the index of the segment behind the gap. */
export function gaps(timing) {
  return timing.segments.flatMap((one, i) => {
    const end = i === 0 ? timing.inMs : timing.segments[i - 1].endMs;
    return one.startMs > end ? [{ before: i, startMs: end, endMs: one.startMs }] : [];
  });
}

/** Brings back what a gap leaves out. */
export function fillGap(timing, { before, startMs, endMs }) {
  return { ...timing, segments: timing.segments.toSpliced(before, 0, segment(startMs, endMs, 1)) };
}

/** How long the clip takes to play. */
export const playMs = (timing) => timing.segments.reduce((sum, one) => sum + (one.endMs - one.startMs) / one.speed, 0);

/** Where playing arrives `elapsed` ms after `ms`: segments at their speed, gaps in no time, from out back to in. */
export function advance(timing, ms, elapsed) {
  let at = ms < timing.inMs || ms >= timing.outMs ? timing.segments[0].startMs : ms;
  let left = elapsed;
  for (let steps = 0; steps < 1000 && left > 0; steps++) {
    const one = timing.segments.find((candidate) => at < candidate.endMs) ?? timing.segments[0];
    if (at < one.startMs || at >= one.endMs) at = one.startMs;
    const need = (one.endMs - at) / one.speed;
    if (left < need) return at + left * one.speed;
    left -= need;
    at = one === timing.segments.at(-1) ? timing.segments[0].startMs : one.endMs;
  }
  return at;
}
