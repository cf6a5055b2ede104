/** Which page a link leads to (RFC 8288), and what it changes in the query of the call. */
export type Links = Partial<Record<'first' | 'prev' | 'next' | 'last', Record<string, string | undefined>>>;

/**
 * A `Link` header for the pages of a list.
 * @param url absolute, without a query
 * @param query of the call; what is undefined in a link's change is left out
 */
export function linkHeader(url: string, query: Record<string, unknown>, links: Links): string {
  return Object.entries(links)
    .map(([relation, change]) => {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries({ ...query, ...change }))
        if (typeof value === 'string') parameters.set(name, value);
      const text = parameters.toString();
      return `<${url}${text ? `?${text}` : ''}>; rel="${relation}"`;
    })
    .join(', ');
}
