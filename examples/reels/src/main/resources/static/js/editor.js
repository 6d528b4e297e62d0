// The editor of one project: its clips, the picture with its crop, the timeline, and the sliders that change them.

import * as api from './api.js';
import { ask, button, h, icon, s, textField, time, toast } from './dom.js';
import { scene, still } from './scene.js';
import * as timing from './timing.js';

const SMALLEST_SIDE = 16;
const SPEEDS = { min: 0.1, max: 4, step: 0.05 };
const SHAPES = [
  ['Full', null],
  ['16:9', 16 / 9],
  ['9:16', 9 / 16],
  ['1:1', 1],
  ['4:5', 4 / 5],
];

/** Loads a project; `former` is the editor it replaces, whose selection and playhead go on. */
export async function openEditor({ trail, main }, wanted, former) {
  const { contents, news } = await api.load(`/api/projects/${wanted.project}`, `/api/projects/${wanted.project}/clips`);
  let [project, clips] = contents;
  let clip = clips.find((one) => one.id === wanted.clip) ?? clips[0] ?? null;
  let playhead = former?.position?.().clip === clip?.id ? (former?.position?.().ms ?? 0) : (clip?.timing.inMs ?? 0);
  let selected = 0;
  let playing = 0;
  let closed = false;

  const list = h('ol', { class: 'clips', 'aria-label': 'Clips' });
  const summary = h('p', { class: 'clips-summary' });
  const desk = h('section', { class: 'desk', 'aria-label': 'Clip' });
  const inspector = h('aside', { class: 'inspector', 'aria-label': 'Crop and timing' });
  /** What has to follow a change of the clip, or of the playhead only. */
  let onClip = [];
  let onPlayhead = [];

  function show() {
    window.addEventListener('edited', edited);
    window.addEventListener('editrefused', editRefused);
    showTrail();
    main.replaceChildren(
      h(
        'div',
        { class: 'editor' },
        h(
          'section',
          { class: 'bin', 'aria-label': 'Clips of the project' },
          h(
            'div',
            { class: 'bin-head' },
            h('h2', {}, 'Clips'),
            summary,
            button('New clip', { icon: 'plus', iconOnly: true, onclick: newClip, 'data-key': 'new-clip' }),
          ),
          list,
        ),
        desk,
        inspector,
      ),
    );
    showClips();
    showClip();
  }

  function showTrail() {
    const name = h('input', {
      class: 'title-input',
      type: 'text',
      'aria-label': 'Project name',
      maxlength: 200,
      spellcheck: 'false',
      autocomplete: 'off',
      value: project.name,
      onkeydown: (event) => {
        if (event.key === 'Enter') name.blur();
        if (event.key === 'Escape') {
          name.value = project.name;
          name.blur();
        }
      },
      oninput: size,
      onchange: () => {
        const value = name.value.trim();
        if (value === '') toast('A project needs a name.', 'warn');
        else if (value !== project.name) {
          project = { ...project, name: value };
          api.edit(`/api/projects/${project.id}`, { name: value });
        }
        name.value = project.name;
        document.title = `${project.name} – Reels`;
        size();
      },
    });
    function size() {
      name.style.width = `${Math.min(Math.max(name.value.length + 2, 8), 40)}ch`;
    }
    size();
    document.title = `${project.name} – Reels`;
    trail.replaceChildren(
      h('a', { class: 'trail-back', href: project.gameId === null ? '#/' : `#/games/${project.gameId}` }, icon('back'), 'Library'),
      h('span', { class: 'trail-mark', 'aria-hidden': 'true' }, '/'),
      name,
    );
  }

  // ---- the list of clips

  function showClips() {
    const total = clips.reduce((sum, one) => sum + timing.playMs(one.timing), 0);
    summary.textContent = clips.length === 0 ? '' : `${clips.length} · ${time(total, true)}`;
    const focused = document.activeElement?.dataset?.key;
    list.replaceChildren(
      ...clips.map((one, i) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: 'clip',
              'data-key': `clip-${one.id}`,
              'aria-current': one.id === clip?.id ? 'true' : null,
              onclick: () => choose(one.id),
            },
            h('span', { class: 'clip-number' }, String(i + 1)),
            h('span', { class: 'clip-picture' }, still(one.id, one.timing.inMs, one)),
            h(
              'span',
              { class: 'clip-words' },
              h('span', { class: 'clip-name' }, one.name),
              h('span', { class: 'clip-facts' }, `${time(timing.playMs(one.timing), true)} · ${shapeOf(one)}`),
            ),
          ),
        ),
      ),
    );
    if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  function choose(id) {
    if (id === clip?.id) return;
    location.hash = `#/projects/${project.id}/clips/${id}`;
  }

  function step(by) {
    const i = clips.findIndex((one) => one.id === clip?.id) + by;
    if (clips[i]) {
      choose(clips[i].id);
      list.querySelector(`[data-key="clip-${clips[i].id}"]`)?.focus();
    }
  }

  async function newClip() {
    const made = await ask({
      title: 'New clip',
      text: 'A minute of footage to cut from.',
      field: { label: 'Name', placeholder: 'Goal in the 88th minute' },
      action: 'Add clip',
      submit: (name) => api.write('POST', `/api/projects/${project.id}/clips`, { name }),
    });
    if (!made) return api.giveUp();
    clips = [...clips, made];
    if (clips.length === 1) {
      clip = made;
      playhead = made.timing.inMs;
      showClips();
      showClip();
    } else {
      showClips();
      choose(made.id);
    }
  }

  async function deleteClip() {
    const gone = clip;
    const done = await ask({
      title: `Delete “${gone.name}”?`,
      text: 'Its crop and timing are deleted with it.',
      action: 'Delete clip',
      danger: true,
      submit: () => api.write('DELETE', `/api/clips/${gone.id}`),
    });
    if (!done) return api.giveUp();
    const i = clips.findIndex((one) => one.id === gone.id);
    clips = clips.filter((one) => one.id !== gone.id);
    clip = clips[i] ?? clips[i - 1] ?? null;
    history.replaceState(null, '', clip ? `#/projects/${project.id}/clips/${clip.id}` : `#/projects/${project.id}`);
    playhead = clip?.timing.inMs ?? 0;
    showClips();
    showClip();
    toast(`“${gone.name}” is deleted.`);
  }

  // ---- the chosen clip

  /** Puts a change on the page at once and sends it soon. */
  function change(part) {
    clip = { ...clip, ...part };
    clips = clips.map((one) => (one.id === clip.id ? clip : one));
    api.edit(`/api/clips/${clip.id}`, part);
    refresh();
    const entry = list.querySelector(`[data-key="clip-${clip.id}"]`);
    entry.querySelector('.clip-name').textContent = clip.name;
    entry.querySelector('.clip-facts').textContent = `${time(timing.playMs(clip.timing), true)} · ${shapeOf(clip)}`;
    if (part.crop || part.timing) entry.querySelector('.clip-picture').replaceChildren(still(clip.id, clip.timing.inMs, clip));
    const total = clips.reduce((sum, one) => sum + timing.playMs(one.timing), 0);
    summary.textContent = `${clips.length} · ${time(total, true)}`;
  }

  function refresh() {
    for (const follow of onClip) follow();
    for (const follow of onPlayhead) follow();
  }

  function showClip() {
    stop();
    onClip = [];
    onPlayhead = [];
    selected = 0;
    inspector.hidden = clip === null;
    if (clip === null) {
      inspector.replaceChildren();
      desk.replaceChildren(
        h(
          'div',
          { class: 'empty' },
          s('svg', { class: 'empty-picture', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, icon('film').firstChild),
          h('h2', {}, 'No clips yet'),
          h('p', {}, 'Add the first one, then crop its picture and cut its time.'),
          button('Add a clip', { icon: 'plus', class: 'primary', onclick: newClip }),
        ),
      );
      return;
    }
    const picture = scene(clip.id, clip.source.width, clip.source.height);
    onPlayhead.push(() => picture.seek(playhead));
    desk.replaceChildren(monitor(picture), transport(), timeline());
    inspector.replaceChildren(nameSection(), cropSection(), timingSection(), segmentSection());
    refresh();
  }

  /** The footage with the crop drawn over it. */
  function monitor(picture) {
    const { width, height } = clip.source;
    const unit = width / 640;
    picture.element.setAttribute('id', 'footage');
    const shade = s('path', { class: 'crop-shade', 'fill-rule': 'evenodd' });
    const line = s('rect', { class: 'crop-line', 'stroke-width': unit * 1.2 });
    const thirds = s('path', { class: 'crop-thirds', 'stroke-width': unit * 0.6 });
    const corners = s('path', { class: 'crop-corners', 'stroke-width': unit * 3 });
    const source = s(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'The footage, with the crop' },
      picture.element,
      shade,
      thirds,
      line,
      corners,
    );
    const screen = h('div', { class: 'screen' }, source);
    screen.style.setProperty('--ratio', String(width / height));
    onClip.push(() => {
      const { x, y, width: w, height: t } = clip.crop;
      shade.setAttribute('d', `M0 0H${width}V${height}H0zM${x} ${y}h${w}v${t}h${-w}z`);
      line.setAttribute('x', x);
      line.setAttribute('y', y);
      line.setAttribute('width', w);
      line.setAttribute('height', t);
      thirds.setAttribute(
        'd',
        `M${x + w / 3} ${y}v${t}M${x + (2 * w) / 3} ${y}v${t}M${x} ${y + t / 3}h${w}M${x} ${y + (2 * t) / 3}h${w}`,
      );
      const arm = Math.min(unit * 14, w / 3, t / 3);
      corners.setAttribute(
        'd',
        `M${x} ${y + arm}v${-arm}h${arm}M${x + w - arm} ${y}h${arm}v${arm}M${x + w} ${y + t - arm}v${arm}h${-arm}M${x + arm} ${y + t}h${-arm}v${-arm}`,
      );
    });
    return h('div', { class: 'monitor' }, screen);
  }

  /** What comes out: the same picture, only the crop of it. */
  function result() {
    const picture = s(
      'svg',
      { role: 'img', 'aria-label': 'The result, as it will be seen' },
      s('use', { href: '#footage' }),
    );
    const screen = h('div', { class: 'screen' }, picture);
    onClip.push(() => {
      const { x, y, width, height } = clip.crop;
      picture.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
      screen.style.setProperty('--ratio', String(width / height));
    });
    return h('div', { class: 'result' }, screen);
  }

  function transport() {
    const now = h('output', { class: 'now' });
    const length = h('span', { class: 'length' });
    const play = button('Play', { icon: 'play', iconOnly: true, class: 'play', onclick: toggle });
    onPlayhead.push(() => {
      now.textContent = time(playhead);
      const label = playing ? 'Pause' : 'Play';
      if (play.getAttribute('aria-label') !== label) {
        play.setAttribute('aria-label', label);
        play.title = label;
        play.replaceChildren(icon(playing ? 'pause' : 'play'));
      }
    });
    onClip.push(() => {
      length.textContent = `plays ${time(timing.playMs(clip.timing), true)}`;
    });
    return h(
      'div',
      { class: 'transport', role: 'toolbar', 'aria-label': 'Playing and cutting' },
      play,
      now,
      length,
      h('span', { class: 'spring' }),
      button('Begin here', { icon: 'inPoint', quiet: true, title: 'I', onclick: () => edge('in', playhead) }),
      button('End here', { icon: 'outPoint', quiet: true, title: 'O', onclick: () => edge('out', playhead) }),
      button('Split', { icon: 'split', quiet: true, title: 'S', onclick: splitHere }),
    );
  }

  function timeline() {
    const { durationMs } = clip.source;
    const at = (ms) => `${(ms / durationMs) * 100}%`;
    const every = [100, 500, 1000, 5000, 10000, 30000, 60000, 300000, 600000, 1800000].find((one) => durationMs / one <= 13) ?? 3600000;
    const marks = [];
    for (let ms = 0; ms <= durationMs * 0.94; ms += every) {
      const mark = h('span', { class: 'tick' }, time(ms, true).replace(/\.0$/, ''));
      mark.style.left = at(ms);
      marks.push(mark);
    }
    const frames = Array.from({ length: 12 }, (_, i) => h('span', { class: 'frame' }, still(clip.id, ((i + 0.5) / 12) * durationMs)));
    const before = h('span', { class: 'outside' });
    const after = h('span', { class: 'outside' });
    const kept = h('span', { class: 'kept' });
    const lane = h('div', { class: 'lane', role: 'group', 'aria-label': 'Segments' });
    const line = h('span', { class: 'playhead', 'aria-hidden': 'true' }, h('span', { class: 'playhead-head' }));
    const scrub = h('input', {
      class: 'scrub',
      type: 'range',
      min: 0,
      max: durationMs,
      step: 50,
      'aria-label': 'Playhead',
      oninput: () => {
        stop();
        moveTo(Number(scrub.value));
        const under = timing.segmentAt(clip.timing, playhead);
        if (under >= 0 && under !== selected) select(under);
      },
    });
    onPlayhead.push(() => {
      line.style.left = at(playhead);
      scrub.value = String(Math.round(playhead));
      scrub.setAttribute('aria-valuetext', time(playhead));
    });
    onClip.push(() => {
      const { inMs, outMs } = clip.timing;
      before.style.left = '0';
      before.style.width = at(inMs);
      after.style.left = at(outMs);
      after.style.right = '0';
      kept.style.left = at(inMs);
      kept.style.width = at(outMs - inMs);
      const place = (element, startMs, endMs) => {
        element.style.left = at(startMs);
        element.style.width = at(endMs - startMs);
        return element;
      };
      const focused = document.activeElement?.dataset?.key;
      lane.replaceChildren(
        ...clip.timing.segments.map((one, i) =>
          place(
            h(
              'button',
              {
                type: 'button',
                class: 'segment',
                'data-key': `segment-${i}`,
                'data-pace': one.speed < 1 ? 'slow' : one.speed > 1 ? 'fast' : 'plain',
                'aria-pressed': String(i === selected),
                'aria-label': `Segment ${i + 1}, ${time(one.startMs)} to ${time(one.endMs)}, speed ${one.speed}`,
                onclick: () => select(i),
              },
              h('span', {}, `${one.speed}×`),
            ),
            one.startMs,
            one.endMs,
          ),
        ),
        ...timing.gaps(clip.timing).map((gap) =>
          place(
            h(
              'button',
              {
                type: 'button',
                class: 'gap',
                title: 'Left out. Press to bring it back.',
                'aria-label': `Left out, ${time(gap.startMs)} to ${time(gap.endMs)}; bring it back`,
                onclick: () => {
                  selected = gap.before;
                  change({ timing: timing.fillGap(clip.timing, gap) });
                },
              },
              icon('undo'),
            ),
            gap.startMs,
            gap.endMs,
          ),
        ),
      );
      if (focused?.startsWith('segment-')) lane.querySelector(`[data-key="${focused}"]`)?.focus();
    });
    return h(
      'div',
      { class: 'timeline' },
      h('div', { class: 'ruler', 'aria-hidden': 'true' }, marks),
      h('div', { class: 'strip' }, h('div', { class: 'frames', 'aria-hidden': 'true' }, frames), before, after, kept, scrub),
      lane,
      h('div', { class: 'playhead-track' }, line),
    );
  }

  // ---- the inspector

  function section(title, note, ...content) {
    return h('section', { class: 'panel' }, h('div', { class: 'panel-head' }, h('h3', {}, title), note), ...content);
  }

  /** A slider with its number beside it; `read` gives value and bounds, `write` takes a new value. */
  function slider(label, { read, write, step: by, format, unit }) {
    const id = `slider-${label.toLowerCase().replace(/\W+/g, '-')}`;
    const range = h('input', { type: 'range', id, step: by, oninput: () => write(Number(range.value)) });
    const number = h('input', {
      type: 'number',
      class: 'number',
      step: by,
      'aria-label': `${label}, ${unit}`,
      onchange: () => {
        const { min, max } = read();
        const value = Number(number.value);
        if (number.value !== '' && Number.isFinite(value)) write(Math.min(max, Math.max(min, value)));
        refresh();
      },
    });
    onClip.push(() => {
      const { value, min, max } = read();
      for (const input of [range, number]) {
        input.min = min;
        input.max = max;
        if (input !== document.activeElement || Number(input.value) !== value) input.value = String(value);
      }
      range.setAttribute('aria-valuetext', format ? format(value) : `${value} ${unit}`);
      range.style.setProperty('--part', `${max > min ? ((value - min) / (max - min)) * 100 : 0}%`);
      range.disabled = number.disabled = max <= min;
    });
    return h(
      'div',
      { class: 'slider' },
      h('label', { for: id }, label),
      range,
      h('span', { class: 'number-place' }, number, h('span', { class: 'unit', 'aria-hidden': 'true' }, unit)),
    );
  }

  function nameSection() {
    const field = textField('Clip name', { maxlength: 200, value: clip.name });
    field.input.addEventListener('input', () => {
      const name = field.input.value.trim();
      if (name === '') field.showError('A clip needs a name.');
      else if (name !== clip.name) change({ name });
    });
    field.input.addEventListener('blur', () => {
      if (field.input.value.trim() === '') {
        field.input.value = clip.name;
        field.showError(null);
      }
    });
    const remove = button('Delete clip', { icon: 'trash', iconOnly: true, class: 'danger-text', onclick: deleteClip });
    return h('section', { class: 'panel' }, h('div', { class: 'name-row' }, field.element, remove), result());
  }

  function cropSection() {
    const { width, height } = clip.source;
    const crop = (part) => change({ crop: { ...clip.crop, ...part } });
    const shapes = SHAPES.map(([name, ratio]) =>
      h('button', { type: 'button', class: 'shape', onclick: () => change({ crop: cropOf(ratio) }) }, name),
    );
    onClip.push(() => {
      const now = shapeOf(clip);
      SHAPES.forEach(([name], i) => shapes[i].setAttribute('aria-pressed', String(name === now)));
    });
    const size = h('span', { class: 'panel-note' });
    onClip.push(() => {
      size.textContent = `of ${width} × ${height}`;
    });
    return section(
      'Crop',
      size,
      h('div', { class: 'shapes', role: 'group', 'aria-label': 'Shape' }, shapes),
      slider('Left', {
        read: () => ({ value: clip.crop.x, min: 0, max: width - clip.crop.width }),
        write: (x) => crop({ x: Math.round(x) }),
        step: 1,
        unit: 'px',
      }),
      slider('Top', {
        read: () => ({ value: clip.crop.y, min: 0, max: height - clip.crop.height }),
        write: (y) => crop({ y: Math.round(y) }),
        step: 1,
        unit: 'px',
      }),
      slider('Width', {
        read: () => ({ value: clip.crop.width, min: SMALLEST_SIDE, max: width }),
        write: (w) => crop({ width: Math.round(w), x: Math.min(clip.crop.x, width - Math.round(w)) }),
        step: 1,
        unit: 'px',
      }),
      slider('Height', {
        read: () => ({ value: clip.crop.height, min: SMALLEST_SIDE, max: height }),
        write: (t) => crop({ height: Math.round(t), y: Math.min(clip.crop.y, height - Math.round(t)) }),
        step: 1,
        unit: 'px',
      }),
    );
  }

  /** The largest crop of a shape, about the middle of the present one. */
  function cropOf(ratio) {
    const { width, height } = clip.source;
    if (ratio === null) return { x: 0, y: 0, width, height };
    const w = Math.max(SMALLEST_SIDE, Math.min(width, Math.round(height * ratio)));
    const t = Math.max(SMALLEST_SIDE, Math.min(height, Math.round(width / ratio)));
    const inside = (value, most) => Math.min(Math.max(Math.round(value), 0), most);
    return {
      x: inside(clip.crop.x + clip.crop.width / 2 - w / 2, width - w),
      y: inside(clip.crop.y + clip.crop.height / 2 - t / 2, height - t),
      width: w,
      height: t,
    };
  }

  function shapeOf({ source, crop: { width, height } }) {
    if (width === source.width && height === source.height) return 'Full';
    const found = SHAPES.find(([, ratio]) => ratio !== null && Math.abs(width / height - ratio) < 0.004);
    return found ? found[0] : `${width} × ${height}`;
  }

  function timingSection() {
    return section(
      'Timing',
      null,
      slider('In', {
        read: () => ({ value: clip.timing.inMs, min: 0, max: clip.timing.outMs - timing.SHORTEST_MS }),
        write: (ms) => edge('in', ms),
        step: 10,
        format: (ms) => time(ms),
        unit: 'ms',
      }),
      slider('Out', {
        read: () => ({
          value: clip.timing.outMs,
          min: clip.timing.inMs + timing.SHORTEST_MS,
          max: clip.source.durationMs,
        }),
        write: (ms) => edge('out', ms),
        step: 10,
        format: (ms) => time(ms),
        unit: 'ms',
      }),
    );
  }

  function segmentSection() {
    const note = h('span', { class: 'panel-note' });
    const range = h('p', { class: 'segment-range' });
    const cut = button('Leave out', { icon: 'trash', quiet: true, onclick: cutSelected });
    const place = h('div', {});
    onClip.push(() => {
      selected = Math.min(selected, clip.timing.segments.length - 1);
      const one = clip.timing.segments[selected];
      note.textContent = `${selected + 1} of ${clip.timing.segments.length}`;
      range.textContent = `${time(one.startMs)} – ${time(one.endMs)}`;
      cut.disabled = clip.timing.segments.length === 1;
    });
    place.append(
      slider('Speed', {
        read: () => ({ value: clip.timing.segments[selected].speed, min: SPEEDS.min, max: SPEEDS.max }),
        write: (speed) => change({ timing: timing.withSpeed(clip.timing, selected, Math.round(speed * 100) / 100) }),
        step: SPEEDS.step,
        unit: '×',
      }),
    );
    return section('Segment', note, range, place, h('div', { class: 'panel-actions' }, cut));
  }

  // ---- what is done to the clip

  function select(i) {
    selected = i;
    refresh();
  }

  function edge(which, ms) {
    const { inMs, outMs } = clip.timing;
    const at = Math.round(ms);
    const next =
      which === 'in'
        ? timing.withEdges(clip.timing, Math.max(0, Math.min(at, outMs - timing.SHORTEST_MS)), outMs)
        : timing.withEdges(clip.timing, inMs, Math.min(clip.source.durationMs, Math.max(at, inMs + timing.SHORTEST_MS)));
    change({ timing: next });
  }

  function splitHere() {
    const at = Math.round(playhead);
    const next = timing.split(clip.timing, at);
    if (next === clip.timing) {
      toast('Move the playhead into a segment, away from its edges, to split it.');
      return;
    }
    selected = timing.segmentAt(next, at);
    change({ timing: next });
  }

  function cutSelected() {
    const next = timing.cut(clip.timing, selected);
    selected = Math.max(0, selected - 1);
    change({ timing: next });
  }

  function moveTo(ms) {
    playhead = Math.min(Math.max(ms, 0), clip.source.durationMs);
    for (const follow of onPlayhead) follow();
  }

  function toggle() {
    if (playing) {
      stop();
    } else if (clip) {
      let last = performance.now();
      const tick = (moment) => {
        if (closed) return;
        const elapsed = Math.min(200, Math.max(0, moment - last));
        last = moment;
        playing = requestAnimationFrame(tick);
        moveTo(timing.advance(clip.timing, playhead, elapsed));
      };
      playing = requestAnimationFrame(tick);
      for (const follow of onPlayhead) follow();
    }
  }

  function stop() {
    if (!playing) return;
    cancelAnimationFrame(playing);
    playing = 0;
    for (const follow of onPlayhead) follow();
  }

  // ---- answers that come later

  function edited({ detail: { path, saved } }) {
    if (path === `/api/projects/${project.id}`) project = saved;
  }

  function editRefused({ detail: { path, error } }) {
    if (path !== `/api/projects/${project.id}` && !clips.some((one) => path === `/api/clips/${one.id}`)) return;
    toast(error.status === 404 ? 'This was deleted somewhere else.' : error.message, 'warn');
    window.dispatchEvent(new CustomEvent('reload-view'));
  }

  const view = {
    show,
    close() {
      closed = true;
      stop();
      window.removeEventListener('edited', edited);
      window.removeEventListener('editrefused', editRefused);
    },
    position: () => ({ clip: clip?.id, ms: playhead }),
    /** Going to another clip of the project needs no loading. */
    follow(next) {
      const target = clips.find((one) => one.id === next.clip);
      if (next.name !== 'editor' || next.project !== project.id || !target) return false;
      if (target !== clip) {
        clip = target;
        playhead = clip.timing.inMs;
        showClips();
        showClip();
      }
      return true;
    },
    key(event) {
      const key = event.key.toLowerCase();
      if (key === 'n') newClip();
      else if (key === 'j') step(1);
      else if (key === 'k') step(-1);
      else if (!clip) return false;
      else if (key === 'i') edge('in', playhead);
      else if (key === 'o') edge('out', playhead);
      else if (key === 's') splitHere();
      else if (key === ' ' && !event.target.closest('button, a')) toggle();
      else return false;
      return true;
    },
  };
  return { view, news };
}
