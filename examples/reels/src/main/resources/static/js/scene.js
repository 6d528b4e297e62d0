// Stands in for footage: a pitch with players who move the same way each time, for a seed and a moment.

import { s } from './dom.js';

const WIDTH = 1920;
const HEIGHT = 1080;
const KITS = [
  ['#f2f4f8', '#ff6b57'],
  ['#ffd166', '#5aa9ff'],
  ['#c8f560', '#8f7bff'],
  ['#ff9f6e', '#6fe3d0'],
];

function randomFrom(seed) {
  let a = (seed * 2654435761) >>> 0 || 1;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function players(seed) {
  const random = randomFrom(seed);
  const kit = KITS[seed % KITS.length];
  return Array.from({ length: 14 }, (_, i) => ({
    color: kit[i % 2],
    x: 200 + random() * (WIDTH - 400),
    y: 200 + random() * (HEIGHT - 360),
    range: 60 + random() * 190,
    pace: 0.00022 + random() * 0.0005,
    phase: random() * Math.PI * 2,
    lean: 0.4 + random(),
  }));
}

const at = (player, ms) => ({
  x: player.x + Math.sin(player.phase + ms * player.pace) * player.range,
  y: player.y + Math.cos(player.phase * player.lean + ms * player.pace * 0.8) * player.range * 0.45,
});

/** The ball goes from one player to the next, a pass every 1.6 seconds. */
function ballAt(all, ms) {
  const passMs = 1600;
  const leg = Math.floor(ms / passMs);
  const part = (ms % passMs) / passMs;
  const from = at(all[(leg * 5) % all.length], ms);
  const to = at(all[((leg + 1) * 5) % all.length], ms);
  const eased = part < 0.25 ? 0 : 1 - (1 - (part - 0.25) / 0.75) ** 2.2;
  return {
    x: from.x + (to.x - from.x) * eased,
    y: from.y + (to.y - from.y) * eased,
    lift: Math.sin(eased * Math.PI) * 46,
  };
}

let scenes = 0;

/** A scene that fills a picture of `width` by `height`: `element` to show, `seek` to move it to a moment. */
export function scene(seed, width = WIDTH, height = HEIGHT) {
  const id = `scene-${++scenes}`;
  const all = players(seed);
  const shadows = all.map(() => s('ellipse', { rx: 26, ry: 9, fill: '#04140b', opacity: 0.45 }));
  const bodies = all.map((player) =>
    s(
      'g',
      {},
      s('rect', { x: -13, y: -58, width: 26, height: 44, rx: 12, fill: player.color }),
      s('rect', { x: -11, y: -24, width: 9, height: 26, rx: 4.5, fill: '#10151c' }),
      s('rect', { x: 2, y: -24, width: 9, height: 26, rx: 4.5, fill: '#10151c' }),
      s('circle', { cy: -70, r: 12, fill: '#e7b894' }),
    ),
  );
  const ballShadow = s('ellipse', { rx: 12, ry: 4.5, fill: '#04140b', opacity: 0.5 });
  const ball = s('circle', { r: 10, fill: '#ffffff' });
  const actors = s('g', {});
  const line = { fill: 'none', stroke: '#e9fff2', 'stroke-opacity': 0.5, 'stroke-width': 5 };
  const hue = 128 + ((seed * 37) % 5) * 7;
  const element = s(
    'svg',
    { width, height, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'xMidYMid slice', overflow: 'hidden' },
    s(
      'defs',
      {},
      s(
        'radialGradient',
        { id: `${id}-light`, cx: 0.5, cy: 0.35, r: 0.85 },
        s('stop', { offset: 0, 'stop-color': '#ffffff', 'stop-opacity': 0.16 }),
        s('stop', { offset: 0.55, 'stop-color': '#000000', 'stop-opacity': 0 }),
        s('stop', { offset: 1, 'stop-color': '#000000', 'stop-opacity': 0.5 }),
      ),
    ),
    s('rect', { width: WIDTH, height: HEIGHT, fill: `hsl(${hue} 38% 24%)` }),
    Array.from({ length: 8 }, (_, i) =>
      s('rect', { x: i * 240, width: 120, height: HEIGHT, fill: `hsl(${hue} 38% 27%)` }),
    ),
    s('rect', { x: 70, y: 110, width: WIDTH - 140, height: HEIGHT - 180, ...line }),
    s('path', { d: `M${WIDTH / 2} 110V${HEIGHT - 70}`, ...line }),
    s('circle', { cx: WIDTH / 2, cy: 560, r: 150, ...line }),
    s('circle', { cx: WIDTH / 2, cy: 560, r: 8, fill: '#e9fff2', 'fill-opacity': 0.6 }),
    s('path', { d: `M70 320H320V800H70M70 440H170V680H70M320 480a120 120 0 0 1 0 160`, ...line }),
    s('path', {
      d: `M${WIDTH - 70} 320H${WIDTH - 320}V800H${WIDTH - 70}M${WIDTH - 70} 440H${WIDTH - 170}V680H${WIDTH - 70}M${WIDTH - 320} 480a120 120 0 0 0 0 160`,
      ...line,
    }),
    s('g', {}, shadows, ballShadow),
    actors,
    s('rect', { width: WIDTH, height: HEIGHT, fill: `url(#${id}-light)` }),
  );
  function seek(ms) {
    const standing = all.map((player, i) => ({ ...at(player, ms), body: bodies[i], shadow: shadows[i] }));
    const flying = ballAt(all, ms);
    for (const one of standing) {
      one.shadow.setAttribute('cx', one.x);
      one.shadow.setAttribute('cy', one.y + 2);
      one.body.setAttribute('transform', `translate(${one.x.toFixed(1)} ${one.y.toFixed(1)})`);
    }
    ballShadow.setAttribute('cx', flying.x + 22);
    ballShadow.setAttribute('cy', flying.y + 3);
    ball.setAttribute('cx', flying.x + 22);
    ball.setAttribute('cy', flying.y - 9 - flying.lift);
    // Who is further down the pitch stands in front.
    const order = standing.sort((a, b) => a.y - b.y).map((one) => one.body);
    order.push(ball);
    if (order.some((body, i) => actors.childNodes[i] !== body)) actors.replaceChildren(...order);
  }
  seek(0);
  return { element, seek };
}

/** A still picture of a scene; of a clip, what its crop shows. */
export function still(seed, ms, clip) {
  const source = clip?.source ?? { width: WIDTH, height: HEIGHT };
  const { x, y, width, height } = clip?.crop ?? { x: 0, y: 0, ...source };
  const picture = scene(seed, source.width, source.height);
  picture.seek(ms);
  return s(
    'svg',
    { class: 'still', viewBox: `${x} ${y} ${width} ${height}`, preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true' },
    picture.element,
  );
}
