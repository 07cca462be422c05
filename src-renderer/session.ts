/** The one live study of this window. */
import { api } from './client.ts';
import { Live } from './live.svelte.ts';

export const live = new Live(api);
