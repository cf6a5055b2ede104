export type Schema = Record<string, unknown>;

/** A schema, and the document in which its references lead. */
export interface Side {
  schema: Schema;
  root: Schema;
}

export type Compare = (published: Side, current: Side, path: string) => string[];

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isStringArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((inner) => typeof inner === 'string');

export const propertiesOf = ({ properties }: Schema): Record<string, Schema> =>
  isSchema(properties)
    ? Object.fromEntries(
        Object.entries(properties).filter((entry): entry is [string, Schema] => isSchema(entry[1])),
      )
    : {};

export const requiredOf = ({ required }: Schema): string[] => (isStringArray(required) ? required : []);
