// Who may import whom: the walls of the house, checked by `npm run check` (scripts/check-imports.mjs).
// A rule belongs here, or in biome.json, when breaking it would still compile and pass the tests.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** A package imports only packages that stand before it. A package that is not listed fails the check. */
const order = ['engine', 'store', 'distill', 'gateway', 'console', 'kolben'];

/** Tests and what only tests use: `foo.test.ts`, and folders named `testing`. They may do what products may not. */
const tests = '[.]test[.]tsx?$|/testing/';

/** The files that other packages may import: what package.json exports under the `source` condition. */
function entries(name) {
  const file = join('packages', name, 'package.json');
  if (!existsSync(file)) return [];
  return Object.values(JSON.parse(readFileSync(file, 'utf8')).exports ?? {})
    .map((target) => target.source)
    .filter((source) => typeof source === 'string')
    .map((source) => `^packages/${name}/${source.replace('./', '')}$`.replaceAll('.', '[.]'));
}

const folders = existsSync('packages') ? readdirSync('packages') : [];

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'Two files that need each other are one file, or want a third one that both import.',
      // Ops alone may: the gradient of a slice is a pad and that of a pad a slice, and each op is one file.
      from: {},
      to: { circular: true, via: { pathNot: '^packages/engine/src/graph/ops/' } },
    },
    ...order.map((name, place) => ({
      name: `package-order-${name}`,
      severity: 'error',
      comment: `A package imports only packages before it: ${order.join(' < ')} < examples, bench.`,
      from: { path: `^packages/${name}/` },
      to: {
        path: [
          ...order.slice(place + 1).map((later) => `^packages/${later}/`),
          '^examples/',
          '^bench/',
          '^interop/',
        ],
      },
    })),
    {
      name: 'no-example-imports-another',
      severity: 'error',
      comment: 'An example stands alone, so that it can be copied out of the house.',
      from: { path: '^(examples/[^/]+|bench|interop)/' },
      to: { path: '^(examples|bench|interop)/', pathNot: '^$1/' },
    },
    {
      name: 'no-deep-import',
      severity: 'error',
      comment: "Other packages are entered by the doors in their package.json's `exports`.",
      from: { path: '^(packages/[^/]+|examples/[^/]+|bench|interop|test)/' },
      to: { path: '^packages/[^/]+/', pathNot: ['^$1/', ...folders.flatMap(entries)] },
    },
    {
      name: 'no-relative-import-across-packages',
      severity: 'error',
      comment: 'Packages import each other by name, or what works in the clone breaks once installed.',
      from: { path: '^(packages/[^/]+|examples/[^/]+|bench|interop|test)/' },
      to: { path: '^(packages|examples|bench|interop)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'kernels-only-behind-chips',
      severity: 'error',
      comment: 'Only a chip runs a program; chips alone keep the telemetry locks and stop cooperatively.',
      from: { pathNot: ['^packages/engine/src/chips/', tests] },
      to: { path: '(^|node_modules/)onnxruntime-(node|web|common)(/|$)' },
    },
    {
      name: 'onnx-files-only-in-the-compiler',
      severity: 'error',
      comment: 'ONNX is what the graph is lowered to; nothing else in the house knows the format.',
      from: { pathNot: ['^packages/engine/src/(compile|graph)/', tests] },
      to: { path: '(^|node_modules/)onnx-proto(/|$)' },
    },
    {
      name: 'network-only-in-the-gateway',
      severity: 'error',
      comment: 'What cannot open a connection cannot leak a call. (Global fetch: biome.json.)',
      // The bench's teachers, and who asks there, are the other ends of the connections.
      from: {
        path: '^(packages|bench)/',
        pathNot: ['^packages/gateway/', '^bench/src/(factory-teacher|gateway/[a-z-]+)\\.ts$', tests],
      },
      to: {
        path: [
          '^(node:)?(net|http|https|http2|dgram|tls|dns|inspector)(/|$)',
          '(^|node_modules/)(undici|openai|ws)(/|$)',
        ],
      },
    },
    {
      name: 'hono-only-in-gateway-and-console',
      severity: 'error',
      comment:
        "Endpoints are the gateway's, and the console's, which it mounts; neither's client asks anybody else.",
      from: { path: '^(packages|bench)/', pathNot: ['^packages/(gateway|console)/', tests] },
      to: { path: '(^|node_modules/)(hono|@hono)(/|$)' },
    },
    {
      name: 'page-apart-from-server',
      severity: 'error',
      comment:
        "The page is bundled for browsers: of the server's side it knows types alone, and of other packages nothing.",
      from: { path: '^packages/console/src/app/', pathNot: tests },
      to: {
        path: ['^packages/console/src/(server|index)', '^packages/(?!console/)', '^node:'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'charts-anywhere',
      severity: 'error',
      comment: 'Charts are drawn by the console and by reports: no page, no server, no component library.',
      from: { path: '^packages/console/src/charts/', pathNot: tests },
      to: { path: ['^packages/console/src/(app|server)/', '(^|node_modules/)@mantine/'] },
    },
    {
      name: 'no-processes-from-packages',
      severity: 'error',
      comment: 'No package starts a program: names of files and tasks come from users.',
      from: { path: '^packages/', pathNot: tests },
      to: { path: '^(node:)?(child_process|cluster)$' },
    },
    {
      name: 'no-test-code-in-products',
      severity: 'error',
      comment: 'What only tests need is not built and not published.',
      from: { path: '^(packages|examples|bench)/', pathNot: tests },
      to: { path: tests, pathNot: 'node_modules/' },
    },
    {
      name: 'no-undeclared-dependency',
      severity: 'error',
      comment: 'It resolves here only because another workspace happens to install it.',
      // (Tests may use what the root installs for all of them.)
      from: { path: '^(packages|examples|bench)/', pathNot: tests },
      // (Imports of workspaces come out as `undetermined`, declared or not; knip watches those.)
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-dependency-in-products',
      severity: 'error',
      comment: 'It would be missing where the package is installed.',
      // (The page is bundled: what it is made of need not be installed where it's served.)
      from: { path: '^(packages|examples|bench)/', pathNot: [tests, '^packages/console/src/app/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      comment: 'A rule cannot judge what it cannot find.',
      from: { path: '^(packages|examples|bench)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    // Type-only imports are dependencies too: a type from a later package would turn the order around.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'types', 'default'],
    },
  },
};
