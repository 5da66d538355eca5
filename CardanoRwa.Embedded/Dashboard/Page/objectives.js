import { byId, element } from '/dom.js';

const every = 5000;

async function read() {
  const answer = await fetch('/api/objectives');
  if (answer.status !== 200) return byId('objectives').hidden = true;
  const { hint, figures, alerts } = await answer.json();
  byId('objectives').hidden = false;
  byId('objectives-hint').textContent = hint ?? '';
  byId('objectives-hint').hidden = hint === null;
  byId('figures').replaceChildren(...figures.filter(figure => figure.values.length > 0).map(figureOf));
  byId('alerts').replaceChildren(...(hint !== null ? [] : alerts.length > 0 ? alerts.map(alertOf) : [element('p', { class: 'fine' }, 'No alert is on.')]));
}

const figureOf = ({ title, values }) => element('div', { class: 'figure' },
  element('h3', { class: 'muted' }, title),
  ...values.map(({ label, text, tone }) => element('p', { 'data-tone': tone, title: label || null }, element('span', { class: 'tone' }, text), label ? element('small', { class: 'muted' }, label) : null)));

const alertOf = ({ name, state, severity, summary }) => element('p', { 'data-tone': state === 'firing' ? 'bad' : 'wait' },
  element('span', { class: 'tone' }, `${name} ${state}`), element('small', { class: 'muted' }, `${severity}: ${summary}`));

function again() {
  read().catch(() => { byId('objectives').hidden = true; }).finally(() => setTimeout(again, every));
}

again();
