// One JSON question a line on stdin, one JSON answer a line on stdout.
import { readFileSync, createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { BlockFrostAPI } from '@blockfrost/blockfrost-js';
import Ajv from 'ajv';
import { BlackHoleBlockstore } from 'blockstore-core/black-hole';
import { importer } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';

const schemas = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('@blockfrost/openapi/json-schema.json'), 'utf8'));
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const compiled = new Map();

// OpenAPI's nullable, where no type stands beside it, in the words of JSON Schema.
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (schema === null || typeof schema !== 'object') return schema;
  const { nullable, ...rest } = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, plain(value)]));
  if (nullable !== true) return rest;
  return rest.type ? { ...rest, nullable } : { anyOf: [rest, { type: 'null' }] };
}

function validate({ path, status, body }) {
  const schema = schemas[path]?.response?.[status];
  if (!schema) return { errors: [`no schema for ${status} of ${path}`] };
  const key = `${status} ${path}`;
  if (!compiled.has(key)) compiled.set(key, ajv.compile(plain(schema)));
  const check = compiled.get(key);
  return { errors: check(body) ? [] : check.errors.map(e => `${e.instancePath || '/'} ${e.message}`) };
}

async function cid({ file, version, rawLeaves }) {
  const options = { cidVersion: version, rawLeaves, wrapWithDirectory: false, chunker: fixedSize({ chunkSize: 262144 }), layout: balanced({ maxChildrenPerNode: 174 }) };
  let root;
  for await (const entry of importer([{ content: createReadStream(file) }], new BlackHoleBlockstore(), options)) root = entry;
  return { cid: root.cid.toString(), size: Number(root.unixfs ? root.unixfs.fileSize() : root.size) };
}

// Each step's result, or the error as the client gives it.
async function drive({ url, steps }) {
  const api = new BlockFrostAPI({ customBackend: url, rateLimiter: false, retrySettings: { limit: 0 } });
  const results = [];
  for (const { call, args } of steps) {
    try {
      results.push({ value: (await api[call](...args)) ?? null });
    } catch (e) {
      results.push({ name: e.name, status: e.status_code ?? null, message: e.message });
    }
  }
  return { results };
}

const handlers = { validate, cid, drive };
for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    answer = await handlers[question.op](question);
  } catch (e) {
    answer = { error: String(e?.stack ?? e) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
