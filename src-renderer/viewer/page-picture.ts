/** The page as a picture: always on white, at twice the screen's points, with what is printed below it. */
import { canvasFont, tokenColour } from '../plot/theme.ts';
import { drawPage } from './page-drawing.ts';
import type { PageScene } from './page-scene.ts';

const scale = 2;
const linePx = 18;

/**
 * @param light an element on white paper: its tokens are those of the light theme
 * @param lines printed under the page, in this order
 * @throws Error when this window cannot draw or encode
 */
export async function pictureOf(scene: PageScene, light: Element, lines: readonly string[]): Promise<Blob> {
  const foot = lines.length * linePx + 10;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(scene.width * scale);
  canvas.height = Math.round((scene.height + foot) * scale);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This window cannot draw.');
  const ink = (token: string): string => tokenColour(token, light);
  context.scale(scale, scale);
  drawPage(context, scene, ink);
  context.fillStyle = ink('paper');
  context.fillRect(0, scene.height, scene.width, foot);
  context.fillStyle = ink('ink-2');
  context.font = canvasFont(11);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const [i, text] of lines.entries())
    context.fillText(text, 14, scene.height + 5 + (i + 0.5) * linePx, scene.width - 28);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('The picture could not be written.');
  return blob;
}

/** Hands a file to the reader's own download folder. */
export function download(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replaceAll(/[/\\:]/g, '-');
  link.click();
  URL.revokeObjectURL(address);
}
