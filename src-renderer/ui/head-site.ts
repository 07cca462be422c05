/** A site on the drawn head and how sure its name is. */
export interface HeadSite {
  site: string;
  state: 'certain' | 'older' | 'question' | 'bad';
}
