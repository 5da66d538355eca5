// Publishes a project as a container image on an empty base, with no registry and no engine but a throw-away one on loopback, and says what is in it.
//   node deploy/check-image.mjs CardanoRwa.Api
// On the real base image only the base's own files come on top; what is looked at here is what this repository puts in.
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = process.argv[2];
const digest = bytes => 'sha256:' + createHash('sha256').update(bytes).digest('hex');
const tar = Buffer.alloc(10240); // two empty blocks and more: a tar without a file
const layer = gzipSync(tar);
const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Env: ['PATH=/usr/bin', 'DOTNET_VERSION=10.0.0', 'ASPNET_VERSION=10.0.0', 'APP_UID=1654'] }, rootfs: { type: 'layers', diff_ids: [digest(tar)] }, history: [{ created: '2026-01-01T00:00:00Z' }] }));
const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest(config), size: config.length },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest(layer), size: layer.length }] }));
const blobs = { [digest(config)]: config, [digest(layer)]: layer };

const server = createServer((request, response) => {
  const name = request.url.split('/').pop();
  const body = request.url.includes('/manifests/') ? manifest : blobs[name];
  if (request.url === '/v2/') return response.end('{}');
  if (!body) { response.statusCode = 404; return response.end(); }
  response.setHeader('Content-Type', body === manifest ? 'application/vnd.oci.image.manifest.v1+json' : 'application/octet-stream');
  response.setHeader('Docker-Content-Digest', digest(body));
  response.setHeader('Content-Length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const folder = mkdtempSync(join(tmpdir(), 'rwa-image-'));
try {
  const archive = join(folder, 'image.tar.gz');
  const base = `localhost:${server.address().port}/base:1`;
  const code = await new Promise(resolve => spawn('dotnet', ['publish', project, '-c', 'Release', '-t:PublishContainer', '-v', 'quiet', '-clp:NoSummary', '-p:UseAspire=false', '--os', 'linux', '--arch', 'x64', '--self-contained', 'false',
    `-p:ContainerBaseImage=${base}`, `-p:WorkerBaseImage=${base}`, `-p:ContainerArchiveOutputPath=${archive}`], { stdio: ['ignore', 'inherit', 'inherit'] }).on('exit', resolve));
  if (code !== 0) throw new Error('The image was not made.');
  const unpacked = spawnSync('tar', ['xf', archive, '-C', folder], { encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(unpacked.stderr);
  const read = (...path) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
  const blob = d => join('blobs', 'sha256', d.split(':')[1]);
  // An OCI layout, as the base is of that kind.
  const image = read(blob(read('index.json').manifests[0].digest));
  const { config: c } = read(blob(image.config.digest));
  const layers = image.layers.map(l => join(folder, blob(l.digest)));
  const files = layers.flatMap(l => spawnSync('tar', ['tzf', l], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout.split('\n').filter(Boolean));
  const bytes = layers.reduce((sum, l) => sum + readFileSync(l).length, 0);
  const faults = [];
  if (!c.User || c.User === 'root' || c.User === '0') faults.push(`it runs as '${c.User}'`);
  for (const port of ['8080/tcp', '9090/tcp']) if (!(port in (c.ExposedPorts ?? {}))) faults.push(`port ${port} is not told`);
  for (const file of files) {
    if (/\.(pem|pfx|key|env)$|development-identity|secrets\.json|appsettings\.Development\.json$|(^|\/)\.git\//.test(file)) faults.push(`${file} does not belong there`);
    if (/(^|\/)(bin\/(ba|da)?sh|busybox)$/.test(file)) faults.push(`${file}: a shell`);
  }
  for (const pair of c.Env) if (/password|secret|mnemonic|token=/i.test(pair)) faults.push(`environment: ${pair.split('=')[0]}`);
  console.log(`${project}: user ${c.User}, ports ${Object.keys(c.ExposedPorts ?? {}).join(' ')}, entry point ${[...(c.Entrypoint ?? []), ...(c.Cmd ?? [])].join(' ')}, ${files.length} files, ${(bytes / 1048576).toFixed(1)} MB packed`);
  for (const fault of faults) console.log(fault);
  process.exitCode = faults.length ? 1 : 0;
} finally {
  server.close();
  rmSync(folder, { recursive: true });
}
