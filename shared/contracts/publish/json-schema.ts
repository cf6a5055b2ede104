import { z } from 'zod';
import { type Contract, schemaId } from './catalogue.ts';

export type JsonSchema = Record<string, unknown>;

/**
 * JSON Schema 2020-12 of a message's data. Of what may be read (`io: 'input'`), so that objects stay open: readers
 * ignore fields that they do not know, which is what lets a version grow.
 */
export function jsonSchemaOf(contract: Contract): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(contract.schema, { target: 'draft-2020-12', io: 'input' });
  return {
    $schema,
    $id: schemaId(contract),
    title: contract.type,
    ...schema,
    description: contract.description,
  };
}
