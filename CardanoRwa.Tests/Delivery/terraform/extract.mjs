// Writes provider-schema.json anew: the names of blocks and attributes of the resources in use, as the AWS provider has them.
//   npm pack @cdktf/provider-aws@21.22.1 && tar xzf cdktf-provider-aws-21.22.1.tgz --wildcards '*.d.ts' && node extract.mjs package/lib TERRAFORM_FOLDER
import { readFileSync, readdirSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const [types, sources] = process.argv.slice(2);
const files = folder => readdirSync(folder, { withFileTypes: true }).flatMap(e => e.isDirectory() ? files(join(folder, e.name)) : e.name.endsWith('.tf') ? [join(folder, e.name)] : []);
const used = new Set(files(sources).flatMap(f => [...readFileSync(f, 'utf8').matchAll(/^(resource|data) "(aws_\w+)"/gm)].map(m => `${m[1]} ${m[2]}`)));

const schema = { provider: '', resource: {}, data: {} };
for (const key of [...used].sort()) {
  const [kind, name] = key.split(' ');
  const folder = join(types, (kind === 'data' ? 'data-aws-' : '') + name.slice(4).replaceAll('_', '-'));
  const text = readdirSync(folder).filter(f => f.endsWith('.d.ts')).map(f => readFileSync(join(folder, f), 'utf8')).join('\n');
  schema.provider ||= 'hashicorp/aws ' + text.match(/hashicorp\/aws\/([\d.]+)/)[1];
  const interfaces = {};
  let config;
  for (const [, type, base, body] of text.matchAll(/^export interface (\w+)( extends cdktf\.TerraformMetaArguments)? \{\n([\s\S]*?)^\}/gm)) {
    interfaces[type] = Object.fromEntries([...body.matchAll(/#(\w+) \w+#\w+\}[\s\S]*?readonly \w+(\??): ([^;]+);/g)].map(m => [m[1], { required: m[2] === '', type: m[3] }]));
    if (base) config = type;
  }
  const computed = [...text.matchAll(/^    get (\w+)\(\)/gm)].map(m => m[1].replace(/[A-Z]/g, c => '_' + c.toLowerCase())).filter(n => !n.endsWith('_input'));
  const shape = type => Object.fromEntries(Object.entries(interfaces[type]).sort().map(([n, a]) => {
    const inner = a.type.match(/\w+/)[0];
    const nested = a.type.split('|').map(t => t.trim().replace('[]', '')).find(t => interfaces[t]);
    return [n, { ...(a.required && { required: true }), ...(nested && { block: shape(nested) }) }];
  }));
  schema[kind][name] = { arguments: shape(config), attributes: [...new Set(computed)].sort() };
}
writeFileSync('provider-schema.json', JSON.stringify(schema, null, 1) + '\n');
