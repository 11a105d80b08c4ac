import type { InspectorConfig } from './schema.js';

type Recipe = Pick<InspectorConfig['recipes'][number], 'name' | 'products'>;

/** Products that each of these recipes inspects: those it names, else one of its own name. None of no recipe. */
export function commonProducts(recipes: readonly Recipe[]): string[] {
  const [first, ...others] = recipes.map(({ name, products }) => (products.length === 0 ? [name] : products));
  return (first ?? []).filter((product) => others.every((products) => products.includes(product)));
}
