/** Where the application lies: the folder with package.json, whether its sources or its bundle run. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Sources lie one folder below, the bundle three: build/main/src-main.
const up = import.meta.url.endsWith('.ts') ? '..' : '../../..';

export const root = fileURLToPath(new URL(up, import.meta.url));

export const builtPage = join(root, 'build', 'renderer');
