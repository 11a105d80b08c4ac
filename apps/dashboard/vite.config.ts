import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The page: sources here, built beside the inspector that serves it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  resolve: {
    // The page is built from the contracts' sources, whether or not the server was built before.
    alias: [{ find: /^#contracts\/(.+)$/, replacement: `${root}libs/contracts/src/$1.ts` }],
  },
  build: {
    outDir: `${root}dist/apps/dashboard/page`,
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1_000,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/live': { target: 'http://127.0.0.1:3000', ws: true } } },
});
