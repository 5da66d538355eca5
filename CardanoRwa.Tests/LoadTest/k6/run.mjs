// node run.mjs SCRIPT BASE_URL API_KEY PROFILE ITERATIONS: runs a script of k6 by stand-ins for the parts of k6 that it uses, one iteration after the other.
// Prints what was sent and how it was answered as JSON. It says nothing of k6's scheduling.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [script, base, key, profile, iterations] = process.argv.slice(2);
const sent = [];
const failed = [];
let iteration = 0;

globalThis.__ENV = { BASE_URL: base, API_KEY: key, PROFILE: profile };
globalThis.open = (file) => readFileSync(resolve(dirname(script), file), 'utf8');

// As in k6, a request waits for its answer; node itself has no such call.
function request(method, url, body, params = {}) {
  const headers = Object.entries(params.headers ?? {}).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const curl = spawnSync('curl', ['--silent', '--show-error', '--include', '--max-time', '30', '--request', method, ...headers, ...(body ? ['--data-binary', '@-'] : []), url], { input: body ?? '', encoding: 'utf8' });
  if (curl.status !== 0) {
    throw new Error(curl.stderr);
  }
  const [head, text] = curl.stdout.split(/\r\n\r\n(.*)/s);
  const lines = head.split('\r\n');
  const answer = {
    status: Number(lines[0].split(' ')[1]),
    headers: Object.fromEntries(lines.slice(1).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])),
    body: text,
    timings: { duration: 1 },
    json: (field) => (field ? JSON.parse(text)[field] : JSON.parse(text)),
  };
  sent.push({ method, path: url.slice(base.length), status: answer.status });
  return answer;
}

class Metric {
  constructor(name) { metrics[name] = this; this.values = []; }
  add(value) { this.values.push(Number(value)); }
}
const metrics = {};
globalThis.standIn = {
  http: { request, get: (url, params) => request('GET', url, null, params) },
  exec: {
    test: { abort: (why) => { throw new Error(why); } },
    instance: { vusActive: 1 },
    vu: { idInTest: 1, get iterationInScenario() { return iteration; } },
    scenario: { get iterationInTest() { return iteration; } },
  },
  check: (subject, checks) => Object.entries(checks).map(([name, holds]) => holds(subject) || !failed.push(name)).every(Boolean),
  group: (_, run) => run(),
  sleep: (seconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000),
  Metric,
};
const source = readFileSync(script, 'utf8')
  .replace("import http from 'k6/http';", 'const { http } = standIn;')
  .replace("import exec from 'k6/execution';", 'const { exec } = standIn;')
  .replace("from 'k6';", '= standIn;').replace('import { check', 'const { check')
  .replace("import { Counter, Gauge, Rate, Trend } from 'k6/metrics';", 'const [Counter, Gauge, Rate, Trend] = Array(4).fill(standIn.Metric);');
const copy = resolve('run-copy.mjs');
writeFileSync(copy, source);
const { default: step, setup } = await import(pathToFileURL(copy));
const data = setup();
const prepared = sent.length;
for (; iteration < Number(iterations); iteration++) {
  step(data);
}
console.log(JSON.stringify({ prepared, sent, failed, metrics: Object.fromEntries(Object.entries(metrics).map(([name, m]) => [name, m.values.length])) }));
