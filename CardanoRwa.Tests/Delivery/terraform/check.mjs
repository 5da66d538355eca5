// Parses every .tf file below a folder, holds names against provider-schema.json and follows references. Prints faults; none, exit code 0.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from '@cdktf/hcl2json';

const schema = JSON.parse(readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'provider-schema.json'), 'utf8'));
const root = resolve(process.argv[2]);
const meta = ['provider', 'depends_on', 'lifecycle', 'count', 'for_each', 'provisioner', 'connection'];
const faults = [];
const folders = folder => [folder, ...readdirSync(folder, { withFileTypes: true }).filter(e => e.isDirectory() && e.name !== '.terraform').flatMap(e => folders(join(folder, e.name)))];
const list = value => value === undefined ? [] : Array.isArray(value) ? value : [value];
let resources = 0, references = 0;

function block(where, body, shape) {
  const given = new Set();
  for (const [name, value] of Object.entries(body)) {
    if (name === 'dynamic') {
      for (const [inner, bodies] of Object.entries(value)) {
        given.add(inner);
        if (!shape[inner]?.block) faults.push(`${where}: no block '${inner}'`);
        else for (const b of list(bodies)) for (const content of list(b.content)) block(`${where}.${inner}`, content, shape[inner].block);
      }
      continue;
    }
    given.add(name);
    if (!shape[name]) faults.push(`${where}: no argument '${name}'`);
    else if (shape[name].block) for (const b of list(value)) if (typeof b === 'object') block(`${where}.${name}`, b, shape[name].block);
  }
  for (const [name, a] of Object.entries(shape)) if (a.required && !given.has(name)) faults.push(`${where}: '${name}' is missing`);
}

const modules = {};
for (const folder of folders(root)) {
  const files = readdirSync(folder).filter(f => f.endsWith('.tf'));
  if (files.length === 0) continue;
  const module = modules[folder] = { resource: {}, data: {}, variable: {}, output: {}, module: {}, locals: {}, text: '' };
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    let parsed;
    try { parsed = await parse(file, text); } catch (e) { faults.push(`${join(folder, file)}: ${e}`); continue; }
    module.text += text.replaceAll(/^\s*#.*$/gm, '');
    for (const kind of ['resource', 'data']) for (const [type, named] of Object.entries(parsed[kind] ?? {})) {
      module[kind][type] = { ...module[kind][type], ...named };
      for (const [name, bodies] of Object.entries(named)) {
        resources++;
        const where = `${basename(folder)}/${file} ${type}.${name}`;
        if (!schema[kind][type]) { faults.push(`${where}: not in the schema, run extract.mjs`); continue; }
        for (const body of list(bodies)) block(where, Object.fromEntries(Object.entries(body).filter(([n]) => !meta.includes(n))), schema[kind][type].arguments);
      }
    }
    for (const kind of ['variable', 'output', 'module']) Object.assign(module[kind], parsed[kind] ?? {});
    for (const locals of list(parsed.locals)) Object.assign(module.locals, locals);
    for (const [name, bodies] of Object.entries({ ...parsed.variable, ...parsed.output }))
      if (!list(bodies)[0].description) faults.push(`${basename(folder)}/${file} ${name}: no description`);
  }
}

for (const [folder, m] of Object.entries(modules)) {
  const bad = (what) => faults.push(`${folder}: ${what}`);
  for (const [, name] of m.text.matchAll(/\bvar\.(\w+)/g)) { references++; if (!m.variable[name]) bad(`no variable '${name}'`); }
  for (const name of Object.keys(m.variable)) if (!new RegExp(`\\bvar\\.${name}\\b`).test(m.text)) bad(`variable '${name}' is not used`);
  for (const [, name] of m.text.matchAll(/\blocal\.(\w+)/g)) { references++; if (!(name in m.locals)) bad(`no local '${name}'`); }
  for (const [, data, type, name, attribute] of m.text.matchAll(/\b(data\.)?(aws_\w+)\.(\w+)(?:\.(\w+))?/g)) {
    references++;
    const kind = data ? 'data' : 'resource';
    if (!m[kind][type]?.[name]) { bad(`no ${kind} ${type}.${name}`); continue; }
    const known = schema[kind][type];
    if (attribute && known && !known.attributes.includes(attribute) && !known.arguments[attribute]) bad(`${type}.${name} has no attribute '${attribute}'`);
  }
  for (const [name, bodies] of Object.entries(m.module)) {
    const [call] = list(bodies);
    const target = modules[resolve(folder, call.source)];
    if (!target) { bad(`module '${name}': no ${call.source}`); continue; }
    for (const given of Object.keys(call)) if (!['source', 'providers', 'depends_on', 'count', 'for_each'].includes(given) && !target.variable[given]) bad(`module '${name}' has no variable '${given}'`);
    for (const [variable, body] of Object.entries(target.variable)) if (!('default' in list(body)[0]) && !(variable in call)) bad(`module '${name}' needs '${variable}'`);
    for (const [, output] of m.text.matchAll(new RegExp(`\\bmodule\\.${name}\\.(\\w+)`, 'g'))) { references++; if (!target.output[output]) bad(`module '${name}' has no output '${output}'`); }
  }
}

for (const fault of new Set(faults)) console.log(fault);
console.log(`${Object.keys(modules).length} modules, ${resources} resources, ${references} references, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
