/** Token colours for a canvas: light-dark() is only resolved on a real property, so a probe element wears them. */

const cache = new Map<string, string>();
let cachedFor = '';

/** @param name token without dashes, e.g. 'trace-blue'. @param at where in the page it is drawn; white paper counts */
export function tokenColour(name: string, at: Element = document.body): string {
  const paper = at.closest('[data-paper="white"]') ? 'white' : 'theme';
  const theme = `${document.documentElement.dataset['theme'] ?? ''}/${window.matchMedia('(prefers-color-scheme: dark)').matches}/${window.matchMedia('(prefers-contrast: more)').matches}/${window.matchMedia('(forced-colors: active)').matches}`;
  if (theme !== cachedFor) {
    cache.clear();
    cachedFor = theme;
  }
  const key = `${paper}/${name}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const probe = document.createElement('span');
  probe.hidden = true;
  // Forced colours would make one ink of all: traces, marks and paper of a canvas keep their own.
  probe.style.forcedColorAdjust = 'none';
  probe.style.color = `var(--${name})`;
  at.append(probe);
  const colour = window.getComputedStyle(probe).color;
  probe.remove();
  cache.set(key, colour);
  return colour;
}

/** The same colour, more transparent. */
export function withAlpha(colour: string, alpha: number): string {
  return colour.startsWith('rgb(') ? colour.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`) : colour;
}

/** Sizes a canvas to its place in device pixels and scales it back. @returns the context, in CSS pixels */
export function sharpContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This window cannot draw.');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** The page's face, for text on a canvas. */
export function canvasFont(px: number, weight = 400): string {
  return `${weight} ${px}px "Plex Sans", system-ui, sans-serif`;
}
