import '@mantine/core/styles.css';
import 'uplot/dist/uPlot.min.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { LiveContext } from './live-context.js';
import { LiveStore } from './live-store.js';
import { openLiveSocket } from './socket.js';
import { THEME } from './theme.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const store = new LiveStore();
openLiveSocket(store);
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={THEME} defaultColorScheme="auto">
      <LiveContext value={store}>
        <App />
      </LiveContext>
    </MantineProvider>
  </StrictMode>,
);
