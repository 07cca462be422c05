/** What a screen reader is given: Chromium's own accessibility tree of a page, and what is wrong with it, in words. */
import type { CDPSession, Page } from 'playwright-core';

/** What a person can act on; without a name it is only "button". */
const controls = new Set([
  'button',
  'checkbox',
  'combobox',
  'link',
  'listbox',
  'menuitem',
  'menuitemcheckbox',
  'menuitemradio',
  'option',
  'radio',
  'searchbox',
  'slider',
  'spinbutton',
  'switch',
  'tab',
  'textbox',
  'treeitem',
]);
/** What says something only by its name. */
const named = new Set([
  'dialog',
  'img',
  'image',
  'meter',
  'navigation',
  'progressbar',
  'radiogroup',
  'table',
  'grid',
]);

interface AxNode {
  nodeId: string;
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  childIds?: string[];
  backendDOMNodeId?: number;
  properties?: { name: string; value: { value: unknown } }[];
}

/** One sentence for each thing that a screen reader could not tell; empty when all is well. */
export async function unheard(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: AxNode[] };
    const told = inOrder(nodes).filter(({ ignored }) => !ignored);
    const nameless = told.filter(
      (node) => (controls.has(roleOf(node)) || named.has(roleOf(node))) && !node.name?.value.trim(),
    );
    return [
      ...(await Promise.all(
        nameless.map(async (node) => `${roleOf(node)} without a name: ${await markup(session, node)}`),
      )),
      ...wrongHeadings(told),
      ...headless(told),
      ...(await loneCanvases(page)),
    ];
  } finally {
    await session.detach();
  }
}

/** As it is read: from the root down, child after child. */
function inOrder(nodes: readonly AxNode[]): AxNode[] {
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const read = (node: AxNode): AxNode[] => [
    node,
    ...(node.childIds ?? []).flatMap((id) => {
      const child = byId.get(id);
      return child ? read(child) : [];
    }),
  ];
  return nodes[0] ? read(nodes[0]) : [];
}

function wrongHeadings(nodes: readonly AxNode[]): string[] {
  const headings = nodes
    .filter((node) => roleOf(node) === 'heading')
    .map((node) => ({ level: Number(propertyOf(node, 'level')), text: node.name?.value ?? '' }));
  const first = headings.filter(({ level }) => level === 1);
  return [
    ...(first.length === 1 ? [] : [`${first.length} headings of the first level`]),
    ...headings.flatMap(({ level, text }, i) => {
      if (text.trim() === '') return [`a heading without text after “${headings[i - 1]?.text ?? ''}”`];
      const before = headings[i - 1]?.level ?? 0;
      return level > before + 1 ? [`“${text}” is a heading of level ${level} after one of ${before}`] : [];
    }),
  ];
}

/** Without heads nobody knows what a cell is about. Heads stand before the next table begins. */
function headless(nodes: readonly AxNode[]): string[] {
  const tables = nodes.flatMap((node, i) => (['table', 'grid'].includes(roleOf(node)) ? [i] : []));
  return tables
    .filter(
      (from, i) =>
        !nodes
          .slice(from, tables[i + 1])
          .some((node) => ['columnheader', 'rowheader'].includes(roleOf(node))),
    )
    .map((at) => `table “${nodes[at]?.name?.value ?? ''}” has no heads`);
}

/** A canvas is either hidden from a screen reader or inside something that says what it shows. */
async function loneCanvases(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('canvas')]
      .filter(
        (canvas) =>
          canvas.checkVisibility() &&
          !canvas.closest('[aria-hidden="true"], [role="img"][aria-label], [role="slider"][aria-label]'),
      )
      .map(
        (canvas) => `a canvas that says nothing in ${canvas.parentElement?.outerHTML.slice(0, 120) ?? ''}`,
      ),
  );
}

/** Presses T on everything that says it can be a table. @returns those that showed no rows of figures */
export async function withoutTable(page: Page): Promise<string[]> {
  const plots = page.locator('main [tabindex="0"][aria-label*="T shows"]');
  const wrong: string[] = [];
  for (let i = 0; i < (await plots.count()); i++) {
    const plot = plots.nth(i);
    const label = (await plot.getAttribute('aria-label')) ?? '';
    await plot.focus();
    await page.keyboard.press('t');
    const figures = await plot
      .locator('tbody td')
      .first()
      .waitFor({ timeout: 2000 })
      .then(() => plot.locator('tbody').innerText())
      .catch(() => '');
    if (!/\d/.test(figures)) wrong.push(label);
    await page.keyboard.press('t');
  }
  return wrong;
}

/** What lies beyond the window's sides, and primary buttons that something else lies over when they are scrolled to. */
export async function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.scrollingElement?.scrollWidth ?? 0;
    const buttons = [...document.querySelectorAll<HTMLElement>('main .button.primary, main h1')];
    return [
      ...(wide > window.innerWidth + 1 ? [`the page is ${wide} px wide`] : []),
      ...buttons.flatMap((button) => {
        button.scrollIntoView({ block: 'center' });
        const box = button.getBoundingClientRect();
        const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return top !== null && (button.contains(top) || top.contains(button))
          ? []
          : [`“${button.innerText}” lies under ${top?.outerHTML.slice(0, 120) ?? 'nothing'}`];
      }),
    ];
  });
}

async function markup(session: CDPSession, { backendDOMNodeId }: AxNode): Promise<string> {
  const { outerHTML } = await session.send('DOM.getOuterHTML', { backendNodeId: backendDOMNodeId });
  return outerHTML.slice(0, 160);
}

function roleOf(node: AxNode): string {
  return node.role?.value ?? '';
}

function propertyOf(node: AxNode, name: string): unknown {
  return node.properties?.find((property) => property.name === name)?.value.value;
}
