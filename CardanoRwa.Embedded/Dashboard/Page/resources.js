import { byId, element, notify } from '/dom.js';
import { selectLogs } from '/logs.js';
import { showDetails } from '/details.js';

const rows = new Map();

export function showResources(resources) {
  const seen = new Set();
  let before = null;
  for (const resource of resources) {
    seen.add(resource.id);
    const text = JSON.stringify(resource);
    let row = rows.get(resource.id);
    if (row?.text !== text) row = replace(row, resource, text);
    const place = before ? before.nextElementSibling : byId('rows').firstElementChild;
    if (place !== row.element) byId('rows').insertBefore(row.element, place);
    before = row.element;
  }
  for (const [id, row] of rows) {
    if (seen.has(id)) continue;
    row.element.remove();
    rows.delete(id);
  }
  byId('summary').textContent = summary(resources);
  tick();
}

// A changed row is made anew; what had the keyboard's focus in it gets it back.
function replace(old, resource, text) {
  const focused = old?.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const made = { text, element: rowOf(resource) };
  old?.element.replaceWith(made.element);
  rows.set(resource.id, made);
  if (focused) made.element.querySelector(`[data-key="${focused}"]`)?.focus();
  return made;
}

function rowOf(resource) {
  const tone = toneOf(resource);
  return element('tr', { 'data-tone': tone },
    element('th', { scope: 'row' },
      element('span', { class: 'dot', 'aria-hidden': 'true' }),
      element('span', {},
        element('button', { type: 'button', class: 'link', 'data-key': 'name', title: `Logs of ${resource.name}`, onclick: () => selectLogs(resource.name) }, resource.id),
        element('small', { class: 'muted' }, kindOf(resource)))),
    cell('State', element('span', { class: 'tone' }, resource.state), exit(resource)),
    cell('Health', ...health(resource)),
    cell('Endpoints', ...resource.urls.map(endpoint)),
    cell('Started', started(resource)),
    cell('Restarts', resource.startedAt ? element('span', { class: resource.restarts > 0 ? 'warn' : 'muted' }, String(resource.restarts)) : null),
    cell('Process', resource.processId === null ? null : String(resource.processId)),
    element('td', { class: 'actions' },
      ...resource.commands.map(command => commandButton(resource, command)),
      element('button', { type: 'button', 'data-key': 'details', 'aria-label': `Details of ${resource.id}`, onclick: () => showDetails(resource) }, 'Details')));
}

function cell(label, ...content) {
  const filled = content.filter(item => item !== null && item !== undefined);
  return element('td', { 'data-label': label, class: filled.length === 0 && 'empty' }, ...filled);
}

function toneOf({ state, health, exitCode }) {
  if (state === 'Running') return health === 'Healthy' ? 'good' : 'wait';
  if (state === 'Starting' || state === 'Waiting' || state === 'Stopping') return 'wait';
  return state === 'FailedToStart' || state === 'RuntimeUnhealthy' || (exitCode !== null && exitCode !== 0) ? 'bad' : 'idle';
}

// PostgresDatabaseResource is a class of the model; people say Postgres database.
function kindOf({ type, replicas }) {
  const words = type.replace(/Resource$/, '').replace(/(?<=[a-z])([A-Z])/g, (_, capital) => ` ${capital.toLowerCase()}`);
  return replicas > 1 ? `${words}, one of ${replicas}` : words;
}

const exit = ({ exitCode }) => exitCode === null || exitCode === 0 ? null : element('small', {}, `exit code ${exitCode}`);

function health({ health, checks }) {
  if (health === null) return [];
  if (checks.some(check => check.status === null)) return [element('span', { class: 'muted' }, 'checking')];
  const failing = checks.filter(check => check.status !== 'Healthy');
  return [element('span', { class: failing.length > 0 ? 'warn' : 'fine' }, health),
    ...failing.slice(0, 1).map(check => element('small', { title: check.text }, check.text || check.name))];
}

function endpoint({ name, url, isLink }) {
  const shown = url.replace(/\/$/, '');
  return isLink
    ? element('a', { href: url, target: '_blank', rel: 'noreferrer noopener', 'data-key': `url-${name}` }, shown)
    : element('span', { class: 'address', title: name }, shown);
}

function started({ state, startedAt }) {
  if (!startedAt || state !== 'Running') return null;
  const at = new Date(startedAt);
  return element('time', { datetime: startedAt, title: `Started ${at.toLocaleString()}` }, element('span', {}, at.toLocaleTimeString()), element('small', { class: 'muted' }));
}

function commandButton(resource, command) {
  const label = command[0].toUpperCase() + command.slice(1);
  const button = element('button', {
    type: 'button', class: command === 'stop' ? 'danger' : null, 'data-key': command, 'aria-label': `${label} ${resource.id}`,
    onclick: () => execute(resource, command, button),
  }, label);
  return button;
}

async function execute(resource, command, button) {
  button.disabled = true;
  try {
    const answer = await fetch(`/api/resources/${encodeURIComponent(resource.id)}/${command}`, { method: 'POST', headers: { 'X-Rwa-Dashboard': '1' } });
    if (!answer.ok) notify((await answer.json().catch(() => ({}))).detail ?? `The host refused: ${answer.status}`);
  } catch {
    notify('The host does not answer.');
  } finally {
    button.disabled = false;
  }
}

function summary(resources) {
  const tones = resources.map(toneOf);
  const count = (tone, word) => {
    const number = tones.filter(each => each === tone).length;
    return number > 0 ? [`${number} ${word}`] : [];
  };
  return [...count('good', 'healthy'), ...count('wait', 'on the way'), ...count('bad', 'failed'), ...count('idle', 'at rest')].join(' · ');
}

function tick() {
  for (const time of byId('rows').querySelectorAll('time')) {
    const age = span((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (time.lastChild.textContent !== age) time.lastChild.textContent = age;
  }
}

function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min ago`;
}

setInterval(tick, 1000);
