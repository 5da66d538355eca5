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

/** Ids and cursors that {asset} and {cursor} stand for. */
export function setup() {
  /** @type {string[]} */
  const assets = [];
  /** @type {string[]} */
  const cursors = [];
  const mix = profile.mix.map((/** @type {string} */ name) => scenario.requests[name].path).join();
  if (!/\{(asset|cursor)\}/.test(mix)) {
    return { assets, cursors, run: `${Date.now()}` };
  }
  let cursor = '';
  do {
    const page = http.get(`${base}/api/v1/assets?limit=50${cursor && `&cursor=${cursor}`}`, { headers: credentials() });
    if (page.status !== 200) {
      exec.test.abort(`The listing was answered ${page.status}.`);
    }
    const { items, next } = /** @type {{ items: { id: string }[], next?: string }} */ (/** @type {unknown} */ (page.json()));
    assets.push(...items.map((item) => item.id));
    cursor = next ? encodeURIComponent(next) : '';
    if (cursor) {
      cursors.push(cursor);
    }
  } while (cursor && cursors.length < 20);
  return { assets, cursors, run: `${Date.now()}` };
}

/** @param {{ assets: string[], cursors: string[], run: string }} data */
export default function (data) {
  concurrentUsers.add(exec.instance.vusActive);
  // As the runner: the mix in its order, round and round; in the closed loop each user begins one further.
  const number = exec.scenario.iterationInTest;
  const step = profile.ratePerSecond ? number : exec.vu.idInTest - 1 + exec.vu.iterationInScenario;
  const name = profile.mix[step % profile.mix.length];
  const request = scenario.requests[name];
  const path = request.path
    .replace('{asset}', data.assets[number % data.assets.length])
    .replace('{cursor}', data.cursors[number % data.cursors.length]);
  const body = request.body ? JSON.stringify(request.body).replace('{n}', String(number).padStart(12, '0')) : null;
  const headers = body ? Object.assign({ 'Content-Type': 'application/json', 'Idempotency-Key': `${data.run}-${number}` }, credentials()) : credentials();

  group(name, () => {
    const answer = http.request(request.method, base + path, body, { headers, tags: { name } });
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
