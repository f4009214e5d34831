// Checks who imports whom against .dependency-cruiser.cjs, and that the checker really looked.
// dependency-cruiser reads TypeScript through the installed compiler; with one that is newer than it knows,
// it sees no module, finds nothing wrong and reports success. So every source file must be among those seen.
// `node scripts/check-imports.mjs [folder of a workspace, this one if left out]`
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractConfiguration from 'dependency-cruiser/config-utl/extract-depcruise-config';

const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'));
// The rules speak of paths from the workspace's folder.
process.chdir(root);

/** @param {string} folder @returns {string[]} */
const foldersIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'package.json')))
        .map((entry) => join(folder, entry.name))
    : [];

/** @param {string} folder @returns {string[]} paths from the root, with forward slashes */
const sourcesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
        .map((entry) => relative(root, resolve(entry.parentPath, entry.name)).split(sep).join('/'))
    : [];

const packages = foldersIn('packages');
const workspaces = [
  ...packages,
  ...foldersIn('examples'),
  ...['bench', 'interop'].filter((folder) => existsSync(join(folder, 'package.json'))),
];
const configuration = await extractConfiguration(join(root, '.dependency-cruiser.cjs'));
const rules = new Set(configuration.forbidden?.map((rule) => rule.name));

const expected = workspaces.map((folder) => ({ folder, sources: sourcesIn(join(folder, 'src')) }));
const { output } = await cruise(
  [...workspaces.map((folder) => join(folder, 'src')), 'test'].filter(existsSync),
  {
    ...configuration.options,
    ruleSet: { forbidden: configuration.forbidden },
    validate: true,
  },
);
if (typeof output === 'string')
  throw new TypeError('dependency-cruiser answered with text where a result was asked for.');

/** @type {string[]} */
const faults = [];
const seen = new Map(output.modules.map((module) => [module.source, module]));

for (const folder of packages.map((path) => path.split(sep).join('/'))) {
  const rule = `package-order-${folder.replace('packages/', '')}`;
  if (!rules.has(rule))
    faults.push(`${folder} has no place in the order of packages; give it one in .dependency-cruiser.cjs.`);
}
for (const { folder, sources } of expected) {
  const unseen = sources.filter((source) => !seen.has(source));
  if (sources.length === 0)
    faults.push(`${folder} has no source file in src, so there was nothing to check.`);
  if (unseen.length > 0) faults.push(`${folder}: dependency-cruiser did not see ${unseen.join(', ')}.`);
}
for (const { from, to, rule, cycle } of output.summary.violations) {
  const why = configuration.forbidden?.find(({ name }) => name === rule.name)?.comment;
  const path = cycle ? cycle.map((step) => step.name).join(' → ') : to;
  faults.push(`${from} → ${path}  [${rule.name}] ${why ?? ''}`);
}

if (faults.length > 0) {
  for (const fault of faults) console.error(fault);
  console.error(`\nImport directions: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}.`);
  process.exit(1);
}
const modules = output.modules.filter(({ source }) =>
  /^(packages|examples|bench|interop|test)\//.test(source),
);
const imports = modules.reduce((sum, module) => sum + module.dependencies.length, 0);
console.log(
  `Import directions: ${modules.length} modules of ${workspaces.length} workspaces, ${imports} imports, no fault.`,
);
