// The guide's script made valid: thresholds have parentheses, units are a boolean, requests carry credentials and idempotency keys, and
// the database's part is read from the answer's Server-Timing header. What is sent stands in scenario.json, which the load runner reads too.
//   k6 run -e BASE_URL=http://localhost:5000 -e API_KEY=rwa-dev-key [-e PROFILE=guide] tests/performance/performance-regression.k6.js
import http from 'k6/http';
import exec from 'k6/execution';
import { check, group, sleep } from 'k6';
import { Counter, Gauge, Rate, Trend } from 'k6/metrics';

const apiLatency = new Trend('api_latency_ms', true);
const dbLatency = new Trend('db_latency_ms', true);
const throughput = new Counter('throughput');
const errorRate = new Rate('errors');
const concurrentUsers = new Gauge('concurrent_users');

const base = __ENV.BASE_URL || 'http://localhost:5000';
const scenario = JSON.parse(open('./scenario.json'));
const baselines = JSON.parse(open('../../performance/baselines.json'));
const profile = scenario.profiles[__ENV.PROFILE || 'guide'];

export const options = {
  scenarios: {
    load: profile.ratePerSecond
      ? { executor: 'constant-arrival-rate', rate: profile.ratePerSecond, timeUnit: '1s', duration: `${profile.seconds}s`, preAllocatedVUs: profile.users, maxVUs: profile.users }
      : { executor: 'constant-vus', vus: profile.users, duration: `${profile.seconds}s` },
  },
  thresholds: {
    api_latency_ms: [
      `p(50)<${baselines.api_latency.p50_ms}`,
      `p(95)<${baselines.api_latency.p95_ms}`,
      `p(99)<${baselines.api_latency.p99_ms}`,
      `max<${baselines.api_latency.max_ms}`,
    ],
    db_latency_ms: [`p(95)<${baselines.database.query_p95_ms}`],
    errors: [`rate<${baselines.throughput.error_rate_percent / 100}`],
  },
};

/** @returns {Record<string, string>} */
function credentials() {
  if (__ENV.TOKEN) {
    return { Authorization: `Bearer ${__ENV.TOKEN}` };
  }
  return __ENV.API_KEY ? { 'X-Api-Key': __ENV.API_KEY } : {};
}

/** @typedef {{ method: string, path: string, expect: number, body?: object, lines?: string[], contentType?: string }} Request */

/** @param {Request} request */
function payload(request) {
  return request.body ? JSON.stringify(request.body) : request.lines ? request.lines.map((line) => `${line}\n`).join('') : null;
}

/** @param {Request} request */
function headers(request) {
  return request.method === 'GET' ? credentials() : Object.assign({ 'Content-Type': request.contentType || 'application/json' }, credentials());
}

/**
 * Goes through the steps that make what the name stands for.
 * @param {string} name
 * @param {string} run
 */
function prepare(name, run) {
  let made = '';
  let last = '';
  /** @type {Request[]} */ (scenario.prepare[name]).forEach((step) => {
    /** @param {string} text */
    const fill = (text) => text.replaceAll(`{${name}}`, made).replaceAll('{last}', last).replaceAll('{run}', run);
    const body = payload(step);
    let answer;
    // A service that has just started may not know its keys yet, and says 409.
    for (let left = 60; left > 0; left--) {
      answer = http.request(step.method, base + fill(step.path), body && fill(body), { headers: headers(step) });
      if (answer.status !== 409) {
        break;
      }
      sleep(1);
    }
    if (!answer || answer.status !== step.expect) {
      exec.test.abort(`${step.method} ${fill(step.path)} was answered ${answer && answer.status}.`);
    }
    const id = answer && answer.body ? answer.json('id') : null;
    last = typeof id === 'string' ? id : last;
    made = made || last;
  });
  return [made];
}

/** What stands for the braces of a path, by name. */
export function setup() {
  const run = Date.now().toString(16).slice(-8);
  /** @type {Record<string, string[]>} */
  const values = {};
  const mix = profile.mix.map((/** @type {string} */ name) => scenario.requests[name].path).join();
  for (const name of Object.keys(scenario.prepare)) {
    if (mix.includes(`{${name}}`)) {
      values[name] = prepare(name, run);
    }
  }
  if (!/\{(asset|cursor)\}/.test(mix)) {
    return { values, run };
  }
  values.asset = [];
  values.cursor = [];
  let cursor = '';
  do {
    const page = http.get(`${base}/api/v1/assets?limit=50${cursor && `&cursor=${cursor}`}`, { headers: credentials() });
    if (page.status !== 200) {
      exec.test.abort(`The listing was answered ${page.status}.`);
    }
    const { items, next } = /** @type {{ items: { id: string }[], next?: string }} */ (/** @type {unknown} */ (page.json()));
    values.asset.push(...items.map((item) => item.id));
    cursor = next ? encodeURIComponent(next) : '';
    if (cursor) {
      values.cursor.push(cursor);
    }
  } while (cursor && values.cursor.length < 20);
  return { values, run };
}

/** @param {{ values: Record<string, string[]>, run: string }} data */
export default function (data) {
  concurrentUsers.add(exec.instance.vusActive);
  // As the runner: the mix in its order, round and round; in the closed loop each user begins one further.
  const number = exec.scenario.iterationInTest;
  const step = profile.ratePerSecond ? number : exec.vu.idInTest - 1 + exec.vu.iterationInScenario;
  const name = profile.mix[step % profile.mix.length];
  /** @type {Request} */
  const request = scenario.requests[name];
  /** @param {string} text */
  const fill = (text) => text.replaceAll('{run}', data.run).replaceAll('{n}', String(number).padStart(12, '0'));
  const path = fill(request.path).replace(/\{([a-z]+)\}/, (_, key) => data.values[key][number % data.values[key].length]);
  const body = payload(request);

  group(name, () => {
    const answer = http.request(request.method, base + path, body && fill(body), { headers: Object.assign({ 'Idempotency-Key': `${data.run}-${number}` }, headers(request)), tags: { name } });
    const good = check(answer, { [`${name}: status ${request.expect}`]: (r) => r.status === request.expect });
    apiLatency.add(answer.timings.duration);
    errorRate.add(!good);
    throughput.add(1);
    const database = /db;dur=([0-9.]+)/.exec(answer.headers['Server-Timing'] || '');
    if (database) {
      dbLatency.add(Number(database[1]));
    }
  });
  if (!profile.ratePerSecond && profile.thinkSeconds) {
    sleep(profile.thinkSeconds);
  }
}
