import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Built files are compressed here, once, instead of for each browser. */
function compressed(folder: string): Plugin {
  return {
    name: 'kolben-compressed',
    apply: 'build',
    closeBundle() {
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const bytes = readFileSync(join(folder, name));
        const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, brotli));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: at('src/app'),
  base: '/console/',
  // What the server puts a nonce for; see src/server/page.ts.
  html: { cspNonce: 'KOLBEN-NONCE' },
  resolve: { conditions: ['source', 'module', 'browser', 'production'] },
  plugins: [react(), compressed(at('dist/app/assets'))],
  build: {
    outDir: at('dist/app'),
    emptyOutDir: true,
    target: 'es2023',
    // Nothing is written into the page that the policy would have to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
