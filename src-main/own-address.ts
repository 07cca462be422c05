/** Which addresses are the application's own; everything else is outside, whatever it looks like. */

export const scheme = 'limbeck';
export const pageOrigin = `${scheme}://app`;

/** The page itself: where a window may go, and who may ask for native things. */
export function isOwnPage(url: string): boolean {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`);
}

/** What a page may load: itself; data: and blob: are pictures and files that it made. */
export function isOwnAddress(url: string): boolean {
  return isOwnPage(url) || url.startsWith('data:image/') || url.startsWith(`blob:${pageOrigin}/`);
}

/**
 * Chromium's switches for a program that is never online: no name is looked up, now or in advance, and none of the
 * browser's own errands (updates, reports, variations, hints) leaves.
 */
export const offlineSwitches: readonly (readonly [name: string, value?: string])[] = [
  ['dns-prefetch-disable'],
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['no-proxy-server'],
  ['no-pings'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  [
    'disable-features',
    'NetworkTimeServiceQuerying,AutofillServerCommunication,OptimizationHints,MediaRouter',
  ],
];
