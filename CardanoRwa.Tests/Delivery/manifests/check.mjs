// Holds manifests (YAML on files given) against the schemas of Kubernetes and of custom resources; looks for what the schema does not know and for
// references that lead nowhere. --crds FOLDER adds definitions (CustomResourceDefinition files) that no package has. Faults are printed; none: exit code 0.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const packages = ['kubernetes-models', '@kubernetes-models/prometheus-operator', '@kubernetes-models/external-secrets', '@kubernetes-models/argo-cd'];
const withoutPackage = ['postgresql.cnpg.io/v1 Cluster', 'velero.io/v1 Schedule', 'velero.io/v1 Restore'];
const args = process.argv.slice(2);
const crdsAt = args.indexOf('--crds');
const crds = {};
if (crdsAt >= 0) {
  const [, folder] = args.splice(crdsAt, 2);
  for (const file of readdirSync(folder)) {
    const crd = parse(readFileSync(join(folder, file), 'utf8'));
    for (const version of crd.spec.versions) crds[`${crd.spec.group}/${version.name} ${crd.spec.names.kind}`] = version.schema.openAPIV3Schema;
  }
}

const faults = [];
const unchecked = new Set();

// A compiled validator asks for every property that it knows, so what it never asked for is unknown to it.
function watched(data, path, seen) {
  if (data === null || typeof data !== 'object') return data;
  const asked = new Set(), children = new Map();
  const entry = { path, data, asked, all: false };
  seen.push(entry);
  return new Proxy(data, {
    get(target, key) {
      if (typeof key === 'string') asked.add(key);
      const value = target[key];
      if (typeof key !== 'string' || value === null || typeof value !== 'object') return value;
      if (!children.has(key)) children.set(key, watched(value, `${path}/${key}`, seen));
      return children.get(key);
    },
    ownKeys(target) { entry.all = true; return Reflect.ownKeys(target); },
  });
}

function structural(data, schema, path, where) {
  if (schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-int-or-string']) return;
  const type = data === null ? 'null' : Array.isArray(data) ? 'array' : Number.isInteger(data) ? 'integer' : typeof data;
  if (schema.type && schema.type !== type && !(schema.type === 'number' && type === 'integer')) { faults.push(`${where} ${path}: ${type}, not ${schema.type}`); return; }
  if (schema.enum && !schema.enum.includes(data)) faults.push(`${where} ${path}: '${data}' is none of ${schema.enum}`);
  if (type === 'array') data.forEach((item, i) => structural(item, schema.items, `${path}/${i}`, where));
  if (type !== 'object') return;
  for (const name of schema.required ?? []) if (!(name in data)) faults.push(`${where} ${path}: '${name}' is missing`);
  for (const [name, value] of Object.entries(data)) {
    const inner = schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (inner) structural(value, inner, `${path}/${name}`, where);
    else if (schema.properties && !(path === '' && name === 'metadata')) faults.push(`${where} ${path}: no field '${name}'`);
  }
}

async function modelOf(o) {
  for (const name of packages) {
    try { return (await import(`${name}/${o.apiVersion}/${o.kind}`))[o.kind]; } catch (e) { if (!['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(e.code)) throw e; }
  }
}

async function check(o, where) {
  const crd = crds[`${o.apiVersion} ${o.kind}`];
  if (crd) return structural(o, crd, '', where);
  const model = await modelOf(o);
  if (!model) {
    if (withoutPackage.includes(`${o.apiVersion} ${o.kind}`)) unchecked.add(`${o.apiVersion} ${o.kind}`);
    else faults.push(`${where}: no such kind`);
    return;
  }
  try { new model(o).validate(); } catch (e) { faults.push(`${where}: ${e.message}`); return; }
  const seen = [];
  const instance = new model(o);
  const proxy = watched(o, '', seen);
  model.prototype.validate.call(new Proxy(instance, { get: (target, key) => key in o ? proxy[key] : target[key], ownKeys: () => Reflect.ownKeys(o), has: (_, key) => key in o, getOwnPropertyDescriptor: (_, key) => Object.getOwnPropertyDescriptor(o, key) }));
  for (const { path, data, asked, all } of seen) if (!Array.isArray(data) && !all && path !== '' && asked.size > 0)
    for (const key of Object.keys(data)) if (!asked.has(key)) faults.push(`${where} ${path}: no field '${key}'`);
}

function references(objects, file) {
  const names = kind => new Set(objects.filter(o => o.kind === kind).map(o => o.metadata.name));
  // Secrets are made by External Secrets, and the application's by CloudNativePG; a certificate's by cert-manager.
  const secrets = new Set([...objects.filter(o => o.kind === 'ExternalSecret').map(o => o.spec.target.name), ...[...names('Cluster')].map(n => `${n}-app`)]);
  const [maps, accounts, services, claims] = ['ConfigMap', 'ServiceAccount', 'Service', 'PersistentVolumeClaim'].map(names);
  const pods = objects.filter(o => o.spec?.template?.spec?.containers);
  const need = (set, name, where, what) => { if (!set.has(name)) faults.push(`${where}: no ${what} '${name}'`); };
  for (const o of pods) {
    const where = `${file} ${o.kind}/${o.metadata.name}`, spec = o.spec.template.spec, labels = o.spec.template.metadata.labels;
    need(accounts, spec.serviceAccountName, where, 'ServiceAccount');
    if (!Object.entries(o.spec.selector.matchLabels).every(([k, v]) => labels[k] === v)) faults.push(`${where}: its selector does not match its pods`);
    const volumes = new Set([...(spec.volumes ?? []), ...(o.spec.volumeClaimTemplates ?? []).map(t => t.metadata)].map(v => v.name));
    for (const c of spec.containers) {
      for (const from of c.envFrom ?? []) from.configMapRef ? need(maps, from.configMapRef.name, where, 'ConfigMap') : need(secrets, from.secretRef.name, where, 'Secret');
      for (const e of c.env ?? []) if (e.valueFrom?.secretKeyRef) need(secrets, e.valueFrom.secretKeyRef.name, where, 'Secret');
      for (const m of c.volumeMounts ?? []) need(volumes, m.name, where, 'volume');
      for (const probe of [c.startupProbe, c.livenessProbe, c.readinessProbe]) if (probe) need(new Set(c.ports.map(p => p.name)), (probe.httpGet ?? probe.tcpSocket).port, where, 'port');
      const s = { ...spec.securityContext, ...c.securityContext };
      if (!s.runAsNonRoot || !s.readOnlyRootFilesystem || s.allowPrivilegeEscalation !== false || s.capabilities?.drop?.[0] !== 'ALL' || s.seccompProfile?.type !== 'RuntimeDefault' || spec.automountServiceAccountToken !== false)
        faults.push(`${where}: not restricted`);
      if (!c.resources?.requests?.cpu || !c.resources?.requests?.memory || !c.resources?.limits?.memory || !c.livenessProbe || !c.readinessProbe) faults.push(`${where}: no limits or no probes`);
      if (/:latest$|^[^:@]+$/.test(c.image)) faults.push(`${where}: image '${c.image}' has no tag`);
    }
  }
  for (const o of objects) {
    const where = `${file} ${o.kind}/${o.metadata.name}`;
    if (o.kind === 'Service') {
      const targets = pods.filter(p => Object.entries(o.spec.selector).every(([k, v]) => p.spec.template.metadata.labels[k] === v));
      if (targets.length === 0) faults.push(`${where}: selects no pod`);
      for (const port of o.spec.ports) if (!targets.every(p => p.spec.template.spec.containers.some(c => c.ports.some(x => x.name === port.targetPort)))) faults.push(`${where}: no port '${port.targetPort}'`);
    }
    if (o.kind === 'Ingress') for (const rule of o.spec.rules) for (const path of rule.http.paths) need(services, path.backend.service.name, where, 'Service');
    if (o.kind === 'HorizontalPodAutoscaler') need(new Set(pods.map(p => p.metadata.name)), o.spec.scaleTargetRef.name, where, o.spec.scaleTargetRef.kind);
    if (o.kind === 'Cluster') for (const role of o.spec.managed?.roles ?? []) need(secrets, role.passwordSecret.name, where, 'Secret');
  }
}

let count = 0;
for (const file of args) {
  const objects = parseAllDocuments(readFileSync(file, 'utf8')).map(d => { if (d.errors.length) faults.push(`${file}: ${d.errors[0]}`); return d.toJS(); }).filter(Boolean);
  count += objects.length;
  for (const o of objects) await check(o, `${file.split('/').pop()} ${o.kind}/${o.metadata?.name ?? o.metadata?.generateName}`);
  if (objects.some(o => o.kind === 'Namespace')) references(objects, file.split('/').pop());
}
for (const fault of faults) console.log(fault);
console.log(`${count} objects, ${faults.length} faults${unchecked.size ? `; no schema here for ${[...unchecked].join(', ')}` : ''}`);
process.exit(faults.length ? 1 : 0);
