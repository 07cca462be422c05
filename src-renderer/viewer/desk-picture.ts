/** The page leaves the desk as a picture, with every setting printed under it. */
import { toasts } from '../ui/toast.svelte.ts';
import { subjectName, time } from '../words.ts';
import { printedOf } from './desk-actions.ts';
import type { Desk } from './desk.svelte.ts';
import { download, pictureOf } from './page-picture.ts';

type Shown = Pick<Desk, 'viewer' | 'scene' | 'light'>;

export async function savePicture(desk: Shown): Promise<void> {
  const picture = await pictureNow(desk);
  const { detail, startS } = desk.viewer;
  if (picture) download(picture, `${subjectName(detail.subject)}-${time(startS).replaceAll(':', '')}.png`);
}

export async function copyPicture(desk: Shown): Promise<void> {
  const picture = await pictureNow(desk);
  if (!picture) return;
  await navigator.clipboard.write([new ClipboardItem({ [picture.type]: picture })]);
  toasts.say('The page is in the clipboard as a picture.', { icon: 'check' });
}

/** Null while the page is not laid out. */
async function pictureNow({ viewer, scene, light }: Shown): Promise<Blob | null> {
  if (!scene || !light) return null;
  const lines = [
    printedOf(viewer)
      .map(({ text }) => text)
      .join(' · '),
    `${subjectName(viewer.detail.subject)} · ${time(viewer.startS)} · Research use — not for diagnosis`,
  ];
  return pictureOf(scene, light, lines);
}
