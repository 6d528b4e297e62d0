// Start, signing in, the frame around the views, and which view an address means.

import * as api from './api.js';
import { button, h, icon, s, show, textField, toast } from './dom.js';
import { openEditor } from './editor.js';
import { openLibrary } from './library.js';
import { still } from './scene.js';

const CHECK_EVERY_MS = 15000;
const app = document.getElementById('app');
let user = null;
let view = null;
let frame = null;
let opening = 0;

const SHORTCUTS = [
  ['Space', 'Play or pause'],
  ['← →', 'Move the playhead, when it has the focus'],
  ['I', 'Begin the clip at the playhead'],
  ['O', 'End the clip at the playhead'],
  ['S', 'Split at the playhead'],
  ['J K', 'Next and previous clip'],
  ['N', 'New project, or new clip in a project'],
  ['?', 'This list'],
];

function brand() {
  return h('span', { class: 'brand' }, h('img', { src: 'icon.svg', alt: '', width: 28, height: 28 }), 'Reels');
}

function showSignIn(notice) {
  document.title = 'Reels';
  view?.close?.();
  view = null;
  frame = null;
  const field = textField('Your name', {
    autocomplete: 'username',
    autocapitalize: 'none',
    placeholder: 'alice',
    maxlength: 400,
    name: 'user',
  });
  const failure = h('p', { class: 'dialog-error', role: 'alert', hidden: true });
  const go = h('button', { class: 'button primary wide', type: 'submit' }, 'Open my library');
  const form = h(
    'form',
    { class: 'sign-in-form', novalidate: true },
    brand(),
    h('h1', {}, 'Cut the moment.'),
    h('p', { class: 'lead' }, 'Your games, projects and clips, in a library of your own.'),
    notice && h('p', { class: 'notice', role: 'status' }, notice),
    field.element,
    failure,
    go,
    h('p', { class: 'hint' }, 'No password here: this is a demo, and each name has its own library.'),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    go.disabled = true;
    failure.hidden = true;
    try {
      user = (await api.session.signIn(field.input.value.trim())).user;
      api.listen();
      showFrame();
      await open();
    } catch (error) {
      const about = error.fieldMessage?.('user');
      if (about) field.showError(about);
      else {
        failure.textContent = error.message;
        failure.hidden = false;
      }
      field.input.focus();
    } finally {
      go.disabled = false;
    }
  });
  app.replaceChildren(
    h('main', { class: 'sign-in' }, h('div', { class: 'sign-in-picture', 'aria-hidden': 'true' }, still(3, 5200)), form),
  );
  field.input.focus();
}

function showFrame() {
  const trail = h('nav', { class: 'trail', 'aria-label': 'Where you are' });
  const mark = statusMark();
  const main = h('main', { id: 'view', tabindex: '-1' });
  frame = { trail, main };
  app.replaceChildren(
    h(
      'header',
      { class: 'top' },
      h('a', { class: 'home', href: '#/', 'aria-label': 'Reels, your library' }, brand()),
      trail,
      mark,
      button('Keyboard shortcuts', { icon: 'keyboard', iconOnly: true, class: 'wide-only', onclick: showShortcuts }),
      h(
        'div',
        { class: 'person' },
        h('span', { class: 'avatar', 'aria-hidden': 'true' }, [...user][0].toUpperCase()),
        h('span', { class: 'person-name', title: user }, user),
        button('Sign out', { icon: 'signOut', iconOnly: true, onclick: signOut }),
      ),
    ),
    main,
  );
}

/** The mark that tells how the page stands to the store, and does what is sensible about it when pressed. */
function statusMark() {
  const text = h('span', { class: 'mark-text' });
  const version = h('span', { class: 'mark-version' });
  const said = h('span', { class: 'visually-hidden', role: 'status' });
  const mark = h(
    'button',
    { type: 'button', class: 'mark', id: 'sync', onclick: act },
    h('span', { class: 'mark-dot', 'aria-hidden': 'true' }),
    text,
    version,
  );
  let last = '';
  function update() {
    const now = api.state();
    mark.dataset.state = now.name;
    mark.title = now.action ? `${now.detail} ${now.action}.` : now.detail;
    text.textContent = now.text;
    version.textContent = now.action && now.name !== 'saved' ? now.action : now.version ? `v${now.version}` : '';
    version.classList.toggle('mark-action', Boolean(now.action) && now.name !== 'saved');
    // Saving and saved come and go all the time; only what is out of the ordinary is said aloud.
    if (now.name !== last && now.name !== 'saving' && last !== '') {
      if (!(now.name === 'saved' && ['saving', 'saved'].includes(last))) said.textContent = `${now.text}. ${now.detail}`;
    }
    if (now.name !== 'saving' || last === '') last = now.name;
  }
  async function act() {
    const { name } = api.state();
    if (name === 'newer') await open({ keep: true });
    else if (name === 'unsaved') await api.tryAgain();
    else if (name !== 'saving') await api.look();
  }
  api.onChange(update);
  update();
  return h('div', { class: 'mark-place' }, mark, said);
}

async function signOut() {
  await api.saveEdits();
  if (api.hasUnsaved() && !window.confirm('Something is not saved yet and would be lost. Sign out anyway?')) return;
  try {
    await api.session.signOut();
  } catch (error) {
    toast(error.message, 'warn');
    return;
  }
  api.reset();
  location.hash = '#/';
  user = null;
  showSignIn();
}

function showShortcuts() {
  show(
    'Keyboard',
    h(
      'dl',
      { class: 'shortcuts' },
      SHORTCUTS.map(([keys, meaning]) => [
        h('dt', {}, keys.split(' ').map((key) => h('kbd', {}, key))),
        h('dd', {}, meaning),
      ]),
    ),
  );
}

function route() {
  const parts = location.hash.replace(/^#\/?/, '').split('/');
  const id = (text) => (/^[1-9][0-9]*$/.test(text ?? '') ? Number(text) : null);
  if (parts[0] === 'projects' && id(parts[1])) return { name: 'editor', project: id(parts[1]), clip: id(parts[3]) };
  return { name: 'library', game: parts[0] === 'games' ? id(parts[1]) : null };
}

/** Opens what the address says; `keep` leaves the selection and the scrolling as they are. */
async function open({ keep = false } = {}) {
  if (!user || !frame) return;
  const wanted = route();
  if (view?.follow?.(wanted) && !keep) return;
  const turn = ++opening;
  if (api.hasUnsaved()) await api.saveEdits();
  if (turn !== opening) return;
  if (!view) frame.main.replaceChildren(waiting());
  try {
    const next =
      wanted.name === 'editor' ? await openEditor(frame, wanted, keep ? view : null) : await openLibrary(frame, wanted);
    if (turn !== opening) return;
    const before = view;
    view = next.view;
    before?.close?.();
    frame.main.className = `view-${wanted.name}`;
    next.view.show();
    if (!keep) window.scrollTo(0, 0);
    if (next.news) toast('Showing the newest version, changed somewhere else.');
  } catch (error) {
    if (turn === opening && error.status !== 401) showTrouble(error);
  }
}

function waiting() {
  return h('div', { class: 'waiting', role: 'status' }, h('span', { class: 'visually-hidden' }, 'Loading'));
}

function showTrouble(error) {
  view?.close?.();
  view = null;
  const gone = error.status === 404;
  frame.trail.replaceChildren();
  frame.main.className = '';
  frame.main.replaceChildren(
    h(
      'section',
      { class: 'empty' },
      s('svg', { class: 'empty-picture', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, icon('film').firstChild),
      h('h1', {}, gone ? 'Not here any more' : 'This did not load'),
      h('p', {}, gone ? 'It was deleted, or the address is not right.' : error.message),
      gone
        ? h('a', { class: 'button primary', href: '#/' }, 'To the library')
        : button('Try again', { class: 'primary', onclick: () => open() }),
    ),
  );
}

/** Whether nobody is in the middle of something that a new version must not take from under their hands. */
function isIdle() {
  const busy = 'input, select, textarea, [contenteditable]';
  return user && view && !api.hasUnsaved() && !document.querySelector('dialog[open]') && !document.activeElement?.matches(busy);
}

api.onNewer(() => {
  if (isIdle() && api.state().text === 'Newer version elsewhere') open({ keep: true });
});
window.addEventListener('hashchange', () => open());
window.addEventListener('reload-view', () => open({ keep: true }));
window.addEventListener('signedout', () => {
  if (!user) return;
  user = null;
  const lost = api.hasUnsaved();
  api.reset();
  showSignIn(
    lost ? 'You were signed out; the last change could not be saved.' : 'You were signed out. Sign in to go on.',
  );
});
window.addEventListener('focus', () => user && api.look());
window.addEventListener('online', () => user && api.tryAgain());
document.addEventListener('visibilitychange', () => {
  if (!user) return;
  if (document.visibilityState === 'hidden') api.saveEdits({ keepalive: true });
  else api.look();
});
window.addEventListener('beforeunload', (event) => {
  if (api.hasUnsaved()) event.preventDefault();
});
setInterval(() => {
  if (user && document.visibilityState === 'visible' && !api.isListening()) api.look();
}, CHECK_EVERY_MS);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !view || document.querySelector('dialog[open]')) return;
  const typing = event.target.closest?.('input:not([type=range]), select, textarea, [contenteditable]');
  if (typing) return;
  if (event.key === '?') {
    event.preventDefault();
    showShortcuts();
  } else if (view.key?.(event)) {
    event.preventDefault();
  }
});

try {
  user = (await api.session.current()).user;
} catch {
  user = null;
}
if (user) {
  api.listen();
  showFrame();
  await open();
} else {
  showSignIn();
}
