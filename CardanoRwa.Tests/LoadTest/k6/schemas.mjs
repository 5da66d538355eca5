// node schemas.mjs SCHEMA DOCUMENT [SCHEMA DOCUMENT]...: exits with 1 and says what does not fit.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';

const files = process.argv.slice(2);
for (let i = 0; i < files.length; i += 2) {
  const [schema, document] = [files[i], files[i + 1]].map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const validate = new Ajv({ allErrors: true, strict: true }).compile(schema);
  if (!validate(document)) {
    console.log(files[i + 1], JSON.stringify(validate.errors, null, 1));
    process.exitCode = 1;
  }
}
