// The library: games at the side, projects as cards.

import * as api from './api.js';
import { ago, ask, button, count, h, icon, s, toast } from './dom.js';
import { still } from './scene.js';

/** Bytes in words. */
const size = (bytes) => (bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** Loads the library; `wanted.game` narrows it to the projects of one game. */
export async function openLibrary({ trail, main }, wanted) {
  const { contents, news } = await api.load('/api/games', '/api/projects');
  let [games, projects] = contents;
  // Seldom wanted, and so not waited for.
  let archive = { size: 0, archived: 0, projects: [] };
  let chosen = games.some((game) => game.id === wanted.game) ? wanted.game : null;

  const nav = h('nav', { class: 'games', 'aria-label': 'Games' });
  const shelf = h('section', { class: 'shelf', 'aria-label': 'Projects' });

  function show() {
    document.title = 'Reels';
    trail.replaceChildren();
    main.replaceChildren(h('div', { class: 'library' }, nav, shelf));
    render();
    loadArchive();
  }

  async function loadArchive() {
    try {
      archive = await api.read('/api/archive');
      if (archive.projects.length > 0 || projects.some((project) => project.completedAt !== null)) render();
    } catch {
      // The library is of use without it; the mark tells of the server.
    }
  }

  /** Draws everything again, with the focus where it was. */
  function render() {
    const focused = document.activeElement?.dataset?.key;
    renderGames();
    renderProjects();
    if (focused) main.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  function renderGames() {
    const row = (id, name, number, actions) =>
      h(
        'li',
        { class: 'game' },
        h(
          'a',
          {
            href: id === null ? '#/' : `#/games/${id}`,
            'aria-current': id === chosen ? 'page' : null,
            'data-key': `game-${id}`,
          },
          h('span', { class: 'game-name' }, name),
          h('span', { class: 'game-count', 'aria-label': count(number, 'project') }, String(number)),
        ),
        actions,
      );
    const parts = [
      h(
        'div',
        { class: 'games-head' },
        h('h2', {}, 'Games'),
        button('New game', { icon: 'plus', iconOnly: true, onclick: newGame, 'data-key': 'new-game' }),
      ),
      h(
        'ul',
        {},
        row(null, 'All projects', projects.length),
        games.map((game) =>
          row(
            game.id,
            game.name,
            game.projects,
            h(
              'span',
              { class: 'row-actions' },
              button(`Rename game ${game.name}`, {
                icon: 'pencil',
                iconOnly: true,
                title: 'Rename',
                onclick: () => renameGame(game),
              }),
              button(`Delete game ${game.name}`, {
                icon: 'trash',
                iconOnly: true,
                title: 'Delete',
                onclick: () => deleteGame(game),
              }),
            ),
          ),
        ),
      ),
    ];
    if (games.length === 0) {
      parts.push(h('p', { class: 'games-empty' }, 'Projects can be kept by the game they are cut from. There is none yet.'));
    }
    nav.replaceChildren(...parts);
  }

  function renderProjects() {
    const visible = chosen === null ? projects : projects.filter((project) => project.gameId === chosen);
    const sorted = [...visible].sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt) || b.id - a.id);
    const title = chosen === null ? 'All projects' : games.find((game) => game.id === chosen).name;
    shelf.replaceChildren(
      h(
        'div',
        { class: 'shelf-head' },
        h('h1', {}, title),
        h('p', { class: 'shelf-count' }, count(visible.length, 'project')),
        button('New project', { icon: 'plus', class: 'primary', onclick: newProject, 'data-key': 'new-project' }),
      ),
      sorted.length > 0 ? h('ul', { class: 'cards' }, sorted.map(card)) : emptyShelf(),
      ...(chosen === null ? archiveShelf() : []),
    );
  }

  /** What is archived and what could be, and how large the library is. */
  function archiveShelf() {
    const completed = projects.filter((project) => project.completedAt !== null).length;
    if (completed === 0 && archive.projects.length === 0) return [];
    const section = h(
      'section',
      { class: 'archive', 'aria-label': 'Archive' },
      h(
        'div',
        { class: 'archive-head' },
        h('h2', {}, 'Archive'),
        h('p', { class: 'archive-sizes' }, `Library ${size(archive.size)}, archive ${size(archive.archived)}`),
        completed > 0 &&
          button('Archive completed', { icon: 'archive', quiet: true, onclick: runArchive, 'data-key': 'archive' }),
      ),
      h(
        'ul',
        {},
        archive.projects.map((project) =>
          h(
            'li',
            { class: 'archived' },
            h('span', { class: 'archived-name' }, project.name),
            h('span', { class: 'archived-mark' }, 'archived'),
            h('span', { class: 'archived-facts' }, `${count(project.rows - 1, 'clip')}, ${size(project.bytes)}`),
            button(`Restore ${project.name}`, {
              icon: 'undo',
              iconOnly: true,
              title: 'Restore',
              onclick: () => restore(project),
            }),
          ),
        ),
      ),
    );
    return [section];
  }

  async function runArchive() {
    try {
      const run = await api.write('POST', '/api/archive');
      toast(
        run.projects === 0
          ? 'Nothing was completed long enough ago.'
          : `${count(run.projects, 'project')} archived: ${size(run.sizeBefore)} before, ${size(run.sizeAfter)} now.`,
      );
      archive = run.archive;
      await reload();
    } catch (error) {
      toast(error.message, 'warn');
    }
  }

  async function restore(project) {
    try {
      archive = await api.write('POST', `/api/archive/${project.batch}/restore`);
      await reload();
      toast(`“${project.name}” is back.`);
    } catch (error) {
      toast(error.message, 'warn');
    }
  }

  async function reload() {
    [games, projects] = (await api.load('/api/games', '/api/projects')).contents;
    render();
  }

  async function complete(project) {
    const method = project.completedAt === null ? 'PUT' : 'DELETE';
    try {
      const changed = await api.write(method, `/api/projects/${project.id}/completion`);
      projects = projects.map((one) => (one.id === project.id ? changed : one));
      render();
    } catch (error) {
      toast(error.message, 'warn');
    }
  }

  function emptyShelf() {
    return h(
      'div',
      { class: 'empty' },
      s('svg', { class: 'empty-picture', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, icon('film').firstChild),
      h('h2', {}, chosen === null ? 'Nothing here yet' : 'No project of this game yet'),
      h('p', {}, 'A project is a reel in the making: clips, each with its picture cropped and its time cut.'),
      button('Create a project', { icon: 'plus', class: 'primary', onclick: newProject }),
    );
  }

  function card(project) {
    const game = games.find((one) => one.id === project.gameId);
    return h(
      'li',
      { class: 'card' },
      h(
        'a',
        { class: 'card-link', href: `#/projects/${project.id}`, 'data-key': `project-${project.id}` },
        h('span', { class: 'card-picture' }, still(project.id, project.id * 1700)),
        h('span', { class: 'card-name' }, project.name),
      ),
      h(
        'p',
        { class: 'card-facts' },
        h('span', {}, project.clips === 0 ? 'No clips yet' : count(project.clips, 'clip')),
        project.completedAt !== null && h('span', { class: 'card-completed' }, 'completed'),
        h('span', { title: new Date(project.updatedAt).toLocaleString() }, ago(project.updatedAt)),
      ),
      game && chosen === null && h('span', { class: 'card-game' }, game.name),
      h(
        'span',
        { class: 'card-actions' },
        button(`${project.completedAt === null ? 'Complete' : 'Take up'} ${project.name}`, {
          icon: project.completedAt === null ? 'check' : 'undo',
          iconOnly: true,
          title: project.completedAt === null ? 'Complete' : 'Take up again',
          onclick: () => complete(project),
        }),
        button(`Edit details of ${project.name}`, {
          icon: 'pencil',
          iconOnly: true,
          title: 'Name and game',
          onclick: () => changeProject(project),
        }),
        button(`Delete project ${project.name}`, {
          icon: 'trash',
          iconOnly: true,
          title: 'Delete',
          onclick: () => deleteProject(project),
        }),
      ),
    );
  }

  /** A dialog that ends in a write; going back means that nothing is to be saved any more. */
  async function askToSave(options) {
    const result = await ask(options);
    if (result === undefined) api.giveUp();
    return result;
  }

  function gameChoice(selected) {
    if (games.length === 0) return null;
    const select = h(
      'select',
      { id: 'project-game' },
      h('option', { value: '' }, 'No game'),
      games.map((game) => h('option', { value: String(game.id) }, game.name)),
    );
    select.value = selected === null ? '' : String(selected);
    return {
      element: h('div', { class: 'field' }, h('label', { for: 'project-game' }, 'Game'), select),
      value: () => (select.value === '' ? null : Number(select.value)),
    };
  }

  async function newGame() {
    const game = await askToSave({
      title: 'New game',
      field: { label: 'Name', placeholder: 'Lions at Tigers' },
      action: 'Create game',
      submit: (name) => api.write('POST', '/api/games', { name }),
    });
    if (!game) return;
    games = [...games, game];
    location.hash = `#/games/${game.id}`;
    render();
  }

  async function renameGame(game) {
    const changed = await askToSave({
      title: 'Rename game',
      field: { label: 'Name', value: game.name },
      action: 'Rename',
      submit: (name) => api.write('PUT', `/api/games/${game.id}`, { name }),
    });
    if (!changed) return;
    games = games.map((one) => (one.id === game.id ? changed : one));
    render();
  }

  async function deleteGame(game) {
    const done = await askToSave({
      title: `Delete “${game.name}”?`,
      text: game.projects > 0 ? `${count(game.projects, 'project')} will stay, without a game.` : 'No project belongs to it.',
      action: 'Delete game',
      danger: true,
      submit: () => api.write('DELETE', `/api/games/${game.id}`),
    });
    if (!done) return;
    games = games.filter((one) => one.id !== game.id);
    projects = projects.map((one) => (one.gameId === game.id ? { ...one, gameId: null } : one));
    if (chosen === game.id) {
      chosen = null;
      location.hash = '#/';
    }
    render();
    toast(`“${game.name}” is deleted.`);
  }

  async function newProject() {
    const project = await askToSave({
      title: 'New project',
      field: { label: 'Name', placeholder: 'Best of the season' },
      extra: gameChoice(chosen),
      action: 'Create project',
      submit: (name, gameId = null) => api.write('POST', '/api/projects', { name, gameId }),
    });
    if (project) location.hash = `#/projects/${project.id}`;
  }

  async function changeProject(project) {
    const changed = await askToSave({
      title: 'Project',
      field: { label: 'Name', value: project.name },
      extra: gameChoice(project.gameId),
      action: 'Save',
      submit: (name, gameId = null) => api.write('PUT', `/api/projects/${project.id}`, { name, gameId }),
    });
    if (!changed) return;
    projects = projects.map((one) => (one.id === project.id ? changed : one));
    recount();
    render();
  }

  async function deleteProject(project) {
    const done = await askToSave({
      title: `Delete “${project.name}”?`,
      text: project.clips > 0 ? `Its ${count(project.clips, 'clip')} will be deleted too.` : 'It has no clips.',
      action: 'Delete project',
      danger: true,
      submit: () => api.write('DELETE', `/api/projects/${project.id}`),
    });
    if (!done) return;
    projects = projects.filter((one) => one.id !== project.id);
    recount();
    render();
    toast(`“${project.name}” is deleted.`);
  }

  function recount() {
    games = games.map((game) => ({
      ...game,
      projects: projects.filter((project) => project.gameId === game.id).length,
    }));
  }

  const view = {
    show,
    /** Going to another game needs no loading. */
    follow(next) {
      if (next.name !== 'library' || !(next.game === null || games.some((game) => game.id === next.game))) return false;
      chosen = next.game;
      render();
      return true;
    },
    key(event) {
      if (event.key !== 'n') return false;
      newProject();
      return true;
    },
  };
  return { view, news };
}
