/** The places of the rail, in the order of the work. */
import type { IconName } from './ui/icons.ts';

export interface Place {
  id: string;
  path: string;
  title: string;
  icon: IconName;
  group: 'Prepare' | 'Learn' | 'Results' | '';
}

export const places: readonly Place[] = [
  { id: 'recordings', path: '/recordings', title: 'Recordings', icon: 'recordings', group: 'Prepare' },
  { id: 'channels', path: '/channels', title: 'Channels', icon: 'channels', group: 'Prepare' },
  { id: 'viewer', path: '/viewer', title: 'Viewer', icon: 'viewer', group: 'Prepare' },
  { id: 'distil', path: '/distil', title: 'Distil', icon: 'distil', group: 'Learn' },
  { id: 'pretrain', path: '/pretrain', title: 'Pre-train', icon: 'pretrain', group: 'Learn' },
  { id: 'calibrate', path: '/calibrate', title: 'Calibrate', icon: 'calibrate', group: 'Learn' },
  { id: 'models', path: '/models', title: 'Models', icon: 'models', group: 'Results' },
  { id: 'export', path: '/export', title: 'Export', icon: 'export', group: 'Results' },
  { id: 'runs', path: '/runs', title: 'Runs', icon: 'runs', group: 'Results' },
  { id: 'history', path: '/history', title: 'History', icon: 'history', group: 'Results' },
  { id: 'settings', path: '/settings/display', title: 'Settings', icon: 'settings', group: '' },
  { id: 'help', path: '/help/keys', title: 'Help', icon: 'help', group: '' },
];

/** The place a path belongs to; '' for the welcome page. */
export function placeOf(path: string): string {
  const first = path.split('/')[1] ?? '';
  return places.some(({ id }) => id === first) ? first : '';
}
