import { byId } from '/dom.js';
import { openLogs, forgetLines, offerResources } from '/logs.js';
import { showResources } from '/resources.js';

let run;

async function readApplication() {
  const application = await (await fetch('/api/application')).json();
  byId('application').textContent = application.name;
  document.title = application.name;
  if (run && run !== application.run) forgetLines();
  run = application.run;
}

function connected(state, text) {
  const pill = byId('connection');
  pill.textContent = text;
  pill.className = `pill ${state}`;
}

const events = new EventSource('/api/resources/events');
events.onopen = () => {
  connected('good', 'live');
  readApplication().catch(() => {});
};
events.onerror = () => connected('bad', 'no connection to the host');
events.addEventListener('resources', event => {
  const resources = JSON.parse(event.data);
  showResources(resources);
  offerResources([...new Set(resources.map(resource => resource.name))]);
});

openLogs('');
