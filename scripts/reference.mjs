// Writes the API reference of @kolben/engine into docs/reference/engine, from the docstrings of what it exports.
// It fails where an export has none, or mentions a type that is not exported.
// `node scripts/reference.mjs [folder of the workspace] [--check]`; `--check` writes nothing, and fails where what is
// there is not what would be written.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, ReflectionKind } from 'typedoc';

const given = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const root = given ? resolve(given) : join(dirname(fileURLToPath(import.meta.url)), '..');
const engine = join(root, 'packages', 'engine');
const target = join(root, 'docs', 'reference', 'engine');

if (process.argv.includes('--check')) {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-reference-'));
  try {
    await write(folder);
    const [written, there] = [contents(folder), contents(target)];
    const stale = [...new Set([...written.keys(), ...there.keys()])].find(
      (name) => written.get(name) !== there.get(name),
    );
    if (stale !== undefined)
      fail(`docs/reference/engine/${stale} is not what the sources say. Run \`npm run reference\`.`);
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log('The reference is that of the sources.');
} else {
  await write(target);
  console.log('Wrote docs/reference/engine.');
}

/** @param {string} out */
async function write(out) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [join(engine, 'src', 'index.ts')],
    tsconfig: join(engine, 'tsconfig.json'),
    name: '@kolben/engine',
    readme: 'none',
    logLevel: 'Warn',
    // Places in files would make every edit of a file one of the reference.
    disableSources: true,
    hideGenerator: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    sort: ['alphabetical'],
    // A property whose name and type say everything needs no sentence.
    requiredToBeDocumented: ['Class', 'Enum', 'Function', 'Interface', 'Method', 'TypeAlias', 'Variable'],
    validation: { notDocumented: true, notExported: true, invalidLink: true, invalidPath: true },
    treatWarningsAsErrors: true,
    ...markdown(),
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // What an op is to the graph; users call the function beside it.
    for (const variable of project.getReflectionsByKind(ReflectionKind.Variable))
      if (variable.parent?.name === 'ops' && variable.name.endsWith('Op')) project.removeReflection(variable);
    // What all errors have is said once, where they have it from.
    for (const member of project.getReflectionsByKind(ReflectionKind.ClassMember))
      if (member.isDeclaration() && member.inheritedFrom?.name.startsWith('KolbenError.'))
        project.removeReflection(member);
  });
  const project = await app.convert();
  if (!project) fail('The sources do not compile; the lines above say where.');
  app.validate(project);
  if (app.logger.hasWarnings() || app.logger.hasErrors())
    fail('The lines above say what lacks a docstring or an export in packages/engine/src/index.ts.');
  rmSync(out, { recursive: true, force: true });
  await app.generateOutputs(project);

  function markdown() {
    return {
      outputs: [{ name: 'markdown', path: out }],
      entryFileName: 'README',
      outputFileStrategy: 'modules',
      flattenOutputFiles: true,
      useCodeBlocks: false,
      hideBreadcrumbs: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      classPropertiesFormat: 'table',
      propertyMembersFormat: 'table',
      typeDeclarationFormat: 'table',
    };
  }
}

/** Names and texts of the files in a folder. @param {string} folder */
function contents(folder) {
  try {
    return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  } catch {
    return new Map();
  }
}

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
