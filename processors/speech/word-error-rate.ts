/** Word errors (insertions, deletions, substitutions) per spoken word. */
export function wordErrorRate(spoken: readonly string[], heard: readonly string[]): number {
  let row = heard.map((_, index) => index + 1);
  for (const [index, word] of spoken.entries()) {
    let corner = index;
    let left = index + 1;
    row = row.map((above, column) => {
      const best = Math.min(above + 1, left + 1, corner + (heard[column] === word ? 0 : 1));
      corner = above;
      left = best;
      return best;
    });
  }
  return (row.at(-1) ?? spoken.length) / spoken.length;
}
