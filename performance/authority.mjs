// node authority.mjs PORT: an OIDC authority for measurements. Prints a token, then serves discovery and keys, and takes what OTLP sends.
import { createServer } from 'node:http';
import { generateKeyPairSync, sign } from 'node:crypto';

const [port] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'measurement', use: 'sig', alg: 'RS256' };
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const unsigned = `${part({ alg: 'RS256', typ: 'JWT', kid: jwk.kid })}.${part({ iss: issuer, aud: 'cardano-rwa', sub: 'measurement', roles: ['admin'], iat: now, nbf: now, exp: now + 36000 })}`;

createServer((request, response) => {
  if (request.method === 'POST') {
    request.on('data', () => {}).on('end', () => response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end());
    return;
  }
  const answers = {
    '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys`, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] },
    '/keys': { keys: [jwk] },
  };
  const answer = answers[request.url];
  response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? {}));
}).listen(Number(port), '127.0.0.1', () => console.log(`${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), privateKey).toString('base64url')}`));
