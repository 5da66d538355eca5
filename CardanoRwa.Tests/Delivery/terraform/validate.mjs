// 'terraform validate' where the AWS provider cannot be downloaded: this file stands in for it, with the names of provider-schema.json and any type, so
// that Terraform itself checks expressions, functions, variables and what modules hand to each other. The provider's own checks are not made.
//   node validate.mjs FOLDER...      needs terraform and openssl
import { mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const beside = name => new URL(name, import.meta.url).pathname;

if (process.env.TF_PLUGIN_MAGIC_COOKIE) await serve();
else validate(process.argv.slice(2));

function validate(folders) {
  const work = mkdtempSync(join(tmpdir(), 'rwa-terraform-'));
  try {
    writeFileSync(join(work, 'terraform-provider-aws'), `#!/bin/sh\nexec '${process.execPath}' '${self}'\n`, { mode: 0o755 });
    writeFileSync(join(work, 'cli.tfrc'), `provider_installation {\n  dev_overrides { "hashicorp/aws" = "${work}" }\n  direct {}\n}\n`);
    const environment = { ...process.env, TF_CLI_CONFIG_FILE: join(work, 'cli.tfrc'), CHECKPOINT_DISABLE: '1', RWA_STAND_IN: work };
    const terraform = (folder, ...args) => spawnSync('terraform', [`-chdir=${folder}`, ...args], { env: environment, encoding: 'utf8' });
    for (const folder of folders) {
      // The whole tree, as environments name modules beside them; Terraform writes into what it reads.
      const tree = join(work, 'tree');
      cpSync(resolve(folder, '..', '..'), tree, { recursive: true });
      const place = join(tree, ...resolve(folder).split('/').slice(-2));
      const got = terraform(place, 'get');
      const said = got.status === 0 ? terraform(place, 'validate', '-no-color') : got;
      rmSync(tree, { recursive: true });
      if (said.error) throw said.error;
      console.log(`${folder}: ${said.status === 0 ? 'valid' : said.stdout + said.stderr}`);
      if (said.status !== 0) process.exitCode = 1;
    }
  } finally {
    rmSync(work, { recursive: true });
  }
}

async function serve() {
  const { default: grpc } = await import('@grpc/grpc-js');
  const { default: loader } = await import('@grpc/proto-loader');
  const { tfplugin5 } = grpc.loadPackageDefinition(loader.loadSync(beside('provider.proto'), { keepCase: true }));
  const socket = join(process.env.RWA_STAND_IN, `${process.pid}.sock`);
  const server = new grpc.Server();
  server.addService(tfplugin5.Provider.service, {
    GetSchema: (_, reply) => reply(null, schemas()),
    PrepareProviderConfig: (call, reply) => reply(null, { prepared_config: call.request.config }),
    ValidateResourceTypeConfig: (_, reply) => reply(null, {}),
    ValidateDataSourceConfig: (_, reply) => reply(null, {}),
    Stop: (_, reply) => reply(null, {}),
  });

  // Terraform trusts the certificate that the plugin tells it on its first line.
  const [key, certificate] = ['key.pem', 'certificate.pem'].map(name => join(process.env.RWA_STAND_IN, `${process.pid}.${name}`));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate, '-days', '1',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const pem = readFileSync(certificate);
  const credentials = grpc.ServerCredentials.createSsl(null, [{ private_key: readFileSync(key), cert_chain: pem }]);
  await new Promise((done, failed) => server.bindAsync(`unix:${socket}`, credentials, error => error ? failed(error) : done()));
  console.log(`1|5|unix|${socket}|grpc|${pem.toString().replace(/-----[^-]+-----|\s/g, '').replace(/=+$/, '')}`);
}

function schemas() {
  const known = JSON.parse(readFileSync(beside('provider-schema.json'), 'utf8'));
  const dynamic = Buffer.from('"dynamic"');
  const block = (named, computed = []) => ({
    attributes: [
      ...Object.entries(named).filter(([, a]) => !a.block).map(([name, a]) => ({ name, type: dynamic, required: !!a.required, optional: !a.required, computed: !a.required && computed.includes(name) })),
      ...computed.filter(name => !(name in named)).map(name => ({ name, type: dynamic, computed: true })),
    ],
    block_types: Object.entries(named).filter(([, a]) => a.block).map(([type_name, a]) => ({ type_name, block: block(a.block), nesting: 2, min_items: a.required ? 1 : 0 })),
  });
  const all = kind => Object.fromEntries(Object.entries(known[kind]).map(([name, { arguments: named, attributes }]) => [name, { block: block(named, attributes) }]));
  const provider = { region: {}, default_tags: { block: { tags: {} } } };
  return { provider: { block: block(provider) }, resource_schemas: all('resource'), data_source_schemas: all('data') };
}
