// Building elements, dialogs and toasts.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: attributes, listeners (`onclick`), properties (`value`), then children; null and false children are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'disabled') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const ICONS = {
  plus: 'M12 5v14M5 12h14',
  play: 'M8 5.5v13l10.5-6.5z',
  pause: 'M9 6v12M15 6v12',
  pencil: 'M4.5 19.5l1-4L16 5l3 3L8.5 18.5zM13.5 7.5l3 3',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 11v5M13.5 11v5',
  back: 'M14.5 5.5L8 12l6.5 6.5',
  split: 'M12 4v16M8 8l-4 4 4 4M16 8l4 4-4 4',
  inPoint: 'M9 5H6v14h3M11 12h8M15.5 8.5L19 12l-3.5 3.5',
  outPoint: 'M15 5h3v14h-3M13 12H5M8.5 8.5L5 12l3.5 3.5',
  signOut: 'M10 5H6v14h4M11 12h8M16 9l3 3-3 3',
  keyboard: 'M3.5 7h17v10h-17zM7 10.5h.01M10.3 10.5h.01M13.7 10.5h.01M17 10.5h.01M8 14h8',
  film: 'M4.5 5.5h15v13h-15zM8.5 5.5v13M15.5 5.5v13M4.5 10h4M4.5 14h4M15.5 10h4M15.5 14h4',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  archive: 'M4.5 5.5h15v4h-15zM6 9.5v9h12v-9M10 13h4',
  undo: 'M8.5 6L5 9.5 8.5 13M5 9.5h9a5 5 0 0 1 0 10h-3',
};

/** A drawn icon; says nothing to assistive technology. */
export function icon(name) {
  return s('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, s('path', { d: ICONS[name] }));
}

/** A button with an icon and, unless it is only for assistive technology, a text. */
export function button(label, { icon: name, quiet = false, iconOnly = false, ...attributes } = {}, ...extra) {
  const kind = iconOnly ? 'icon-button' : quiet ? 'button quiet' : 'button';
  return h(
    'button',
    {
      type: 'button',
      ...attributes,
      class: `${kind} ${attributes.class ?? ''}`.trim(),
      ...(iconOnly ? { 'aria-label': label, title: attributes.title ?? label } : {}),
    },
    name && icon(name),
    !iconOnly && h('span', {}, label),
    extra,
  );
}

let ids = 0;

/** A labelled text field with room for an error beneath it. */
export function textField(label, attributes = {}) {
  const id = `field-${++ids}`;
  const error = h('p', { class: 'field-error', id: `${id}-error`, hidden: true });
  const input = h('input', { type: 'text', id, autocomplete: 'off', spellcheck: 'false', ...attributes });
  input.addEventListener('input', () => showError(null));
  function showError(message) {
    error.textContent = message ?? '';
    error.hidden = !message;
    input.toggleAttribute('aria-invalid', Boolean(message));
    if (message) input.setAttribute('aria-describedby', error.id);
    else input.removeAttribute('aria-describedby');
  }
  return { element: h('div', { class: 'field' }, h('label', { for: id }, label), input, error), input, showError };
}

/**
 * Asks in a dialog; `submit` does the work, and if it throws, what is wrong is said beside the field and the dialog stays.
 * Resolves with what submit returned, or undefined if the person went back.
 */
export function ask({ title, text, field, extra, action, danger = false, submit }) {
  const input = field && textField(field.label, { maxlength: 200, placeholder: field.placeholder, value: field.value ?? '' });
  const failure = h('p', { class: 'dialog-error', role: 'alert', hidden: true });
  const go = h('button', { class: danger ? 'button danger' : 'button primary', type: 'submit' }, action);
  const back = h('button', { class: 'button quiet', type: 'button', onclick: () => dialog.close() }, 'Cancel');
  const heading = `dialog-${++ids}`;
  const form = h(
    'form',
    { method: 'dialog', novalidate: true },
    h('h2', { id: heading }, title),
    text && h('p', { class: 'dialog-text' }, text),
    input && input.element,
    extra && extra.element,
    failure,
    h('div', { class: 'dialog-actions' }, back, go),
  );
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': heading }, form);
  return new Promise((resolve) => {
    let result;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      if (go.disabled) return;
      go.disabled = true;
      failure.hidden = true;
      input?.showError(null);
      try {
        result = (await submit(input?.input.value.trim(), extra?.value())) ?? true;
        dialog.close();
      } catch (error) {
        const about = error.fieldMessage?.(field?.name ?? 'name');
        if (about && input) {
          input.showError(about);
          input.input.focus();
        } else {
          failure.textContent = error.message;
          failure.hidden = false;
        }
      } finally {
        go.disabled = false;
      }
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
    if (input) input.input.select();
    else back.focus();
  });
}

/** Shows something to read, until it is closed. */
export function show(title, ...content) {
  const heading = `dialog-${++ids}`;
  const close = h('button', { class: 'button primary', type: 'button', onclick: () => dialog.close() }, 'Close');
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': heading },
    h('h2', { id: heading }, title),
    ...content,
    h('div', { class: 'dialog-actions' }, close),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Says something in passing. */
export function toast(text, tone = 'plain') {
  const element = h('div', { class: 'toast', 'data-tone': tone }, text);
  document.getElementById('toasts').append(element);
  setTimeout(() => element.classList.add('leaving'), 4200);
  setTimeout(() => element.remove(), 4600);
}

/** How long ago, in words. */
export function ago(instant) {
  const seconds = Math.max(0, (Date.now() - Date.parse(instant)) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return new Date(instant).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** Milliseconds as `1:02.350`, or `1:02.3` when short. */
export function time(ms, short = false) {
  const whole = Math.max(0, Math.round(ms));
  const minutes = Math.floor(whole / 60000);
  const seconds = Math.floor((whole % 60000) / 1000);
  const rest = String(whole % 1000).padStart(3, '0');
  return `${minutes}:${String(seconds).padStart(2, '0')}.${short ? rest[0] : rest}`;
}

export const count = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
