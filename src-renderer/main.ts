/** Starts the page: no code from text, the fonts and tokens, then the frame. */
import { mount } from 'svelte';
import * as z from 'zod';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/tables.css';
import './styles/controls.css';
import App from './App.svelte';

// The content security policy forbids eval; without this zod probes for it and the probe is reported as a breach.
z.config({ jitless: true });

const target = document.getElementById('app');
if (!target) throw new Error('The page has no place for the application.');
mount(App, { target });
