import { byId, element } from '/dom.js';

let variables = [];

export async function showDetails(resource) {
  const answer = await fetch(`/api/resources/${encodeURIComponent(resource.id)}/environment`);
  variables = answer.ok ? await answer.json() : [];
  byId('details-title').textContent = resource.id;
  byId('checks').replaceChildren(...resource.checks.map(check => element('p', { class: 'check-line' },
    element('span', { class: check.status === 'Healthy' ? 'fine' : check.status === null ? 'muted' : 'warn' }, check.status ?? 'not run yet'),
    ` ${check.name}`, check.text ? element('small', { class: 'muted' }, check.text) : null)));
  byId('details-note').textContent = variables.length > 0
    ? `Environment of the last start: ${variables.length} variables. Secrets are hidden by the host.`
    : 'No environment: nothing was started.';
  byId('variable-filter').value = '';
  byId('variable-filter').hidden = variables.length === 0;
  showVariables();
  byId('details').showModal();
}

function showVariables() {
  const wanted = byId('variable-filter').value.toLowerCase();
  byId('variables').replaceChildren(...variables
    .filter(({ name, value }) => `${name} ${value}`.toLowerCase().includes(wanted))
    .map(({ name, value, isMasked }) => element('tr', {},
      element('th', { scope: 'row' }, name),
      element('td', { class: isMasked && 'masked', title: isMasked ? 'A secret, hidden by the host' : null }, value ?? ''))));
}

byId('variable-filter').addEventListener('input', showVariables);
byId('details').addEventListener('click', event => {
  if (event.target === byId('details')) byId('details').close();
});
