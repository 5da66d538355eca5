import { byId, element } from '/dom.js';

const kept = 4000;
const colours = 8;
const control = /\x1b\[[0-?]*[ -\/]*[@-~]|\x1b\][^\x07]*(\x07|\x1b\\)/g;

let stream;
let lines = [];
let waiting = [];
let paused = false;
let names = [];
let atEnd = true;

export function openLogs(resource) {
  stream?.close();
  forgetLines();
  stream = new EventSource(resource ? `/api/logs?resource=${encodeURIComponent(resource)}` : '/api/logs');
  stream.addEventListener('lines', event => add(JSON.parse(event.data)));
}

export function selectLogs(resource) {
  byId('log-resource').value = resource;
  openLogs(resource);
  byId('logs').scrollIntoView({ block: 'nearest' });
}

export function forgetLines() {
  lines = [];
  waiting = [];
  draw();
  showPause();
}

export function offerResources(found) {
  if (found.join() === names.join()) return;
  names = found;
  const select = byId('log-resource');
  const selected = select.value;
  select.replaceChildren(element('option', { value: '' }, 'All resources'), ...names.map(name => element('option', { value: name }, name)));
  select.value = selected;
  draw();
}

function add(entries) {
  if (paused) {
    waiting = waiting.concat(entries).slice(-kept);
    showPause();
    return;
  }
  lines = lines.concat(entries).slice(-kept);
  const view = byId('lines');
  view.append(...entries.filter(isWanted).map(lineOf));
  while (view.childElementCount > kept) view.firstElementChild.remove();
  if (atEnd) view.scrollTop = view.scrollHeight;
}

function draw() {
  const view = byId('lines');
  view.replaceChildren(...lines.filter(isWanted).map(lineOf));
  view.scrollTop = view.scrollHeight;
}

function isWanted({ text, resource, isError }) {
  const wanted = byId('log-filter').value.toLowerCase();
  return (!byId('log-errors').checked || isError) && (wanted === '' || `${resource} ${text}`.toLowerCase().includes(wanted));
}

function lineOf({ at, resource, text, isError }) {
  return element('p', { class: isError && 'error' },
    element('time', { datetime: at }, new Date(at).toLocaleTimeString([], { hour12: false })),
    element('span', { class: `source c${Math.max(0, names.indexOf(resource)) % colours}` }, resource),
    isError ? element('span', { class: 'unseen' }, 'stderr: ') : null,
    element('span', { class: 'text' }, text.replace(control, '')));
}

function showPause() {
  const button = byId('log-pause');
  button.setAttribute('aria-pressed', String(paused));
  button.textContent = !paused ? 'Pause' : waiting.length > 0 ? `Resume (${waiting.length} new)` : 'Resume';
}

byId('log-pause').addEventListener('click', () => {
  paused = !paused;
  const late = waiting;
  waiting = [];
  if (!paused) add(late);
  showPause();
});
byId('log-clear').addEventListener('click', forgetLines);
byId('log-resource').addEventListener('change', event => openLogs(event.target.value));
byId('log-filter').addEventListener('input', draw);
byId('log-errors').addEventListener('change', draw);
byId('log-wrap').addEventListener('change', event => byId('lines').classList.toggle('wrap', event.target.checked));
if (matchMedia('(max-width: 860px)').matches) byId('log-wrap').click();
byId('log-latest').addEventListener('click', () => { byId('lines').scrollTop = byId('lines').scrollHeight; });
byId('lines').addEventListener('scroll', event => {
  const view = event.target;
  atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 40;
  byId('log-latest').hidden = atEnd;
});
