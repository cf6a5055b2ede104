import test from 'ava';
import { z } from 'zod';
import { incompatibilities } from './incompatibilities.ts';

const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' });
const Part = z.object({ size: z.int().min(0).max(10) }).meta({ id: 'Part' });
const published = {
  name: z.string(),
  note: z.string().optional(),
  count: z.int().min(0).max(10),
  level: z.enum(['high', 'low']),
  at: z.iso.datetime(),
  tags: z.array(z.string()).min(1),
  sizes: z.record(z.string(), z.number()),
  part: Part,
  shape: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('circle'), radius: z.number() }),
    z.object({ kind: z.literal('square'), side: z.number() }),
  ]),
};
const { note: _, ...withoutNote } = published;
const { name: __, ...withoutName } = published;
const circle = z.object({ kind: z.literal('circle'), radius: z.number() });
const square = z.object({ kind: z.literal('square'), side: z.number() });

const change = (fields: object) =>
  incompatibilities(
    schemaOf(z.object(published)),
    schemaOf(z.object({ ...published, ...(fields as typeof published) })),
  );
const replace = (fields: object) =>
  incompatibilities(schemaOf(z.object(published)), schemaOf(z.object(fields as typeof published)));

const refused: Record<string, [found: string[], problem: RegExp]> = {
  'an optional field is removed': [replace(withoutNote), /\.note: was removed or renamed/],
  'a required field is removed': [replace(withoutName), /\.name: was removed or renamed/],
  'a field is renamed': [replace({ ...withoutName, title: z.string() }), /\.name: was removed or renamed/],
  'a new field is required': [change({ added: z.string() }), /\.added: is required now/],
  'a field becomes required': [change({ note: z.string() }), /\.note: is required now/],
  'a field becomes optional': [change({ name: z.string().optional() }), /\.name: is no longer always there/],
  'a type changes': [change({ name: z.number() }), /\.name: type "string" became "number"/],
  'a type is narrowed': [
    change({ sizes: z.record(z.string(), z.int()) }),
    /\.sizes\.\*: type "number" became/,
  ],
  'a type is widened': [change({ count: z.number() }), /\.count: type "integer" became "number"/],
  'a field becomes nullable': [change({ name: z.string().nullable() }), /\.name/],
  'an enum loses a value': [change({ level: z.enum(['high']) }), /\.level: value "low" was removed/],
  'text becomes an enum': [change({ name: z.enum(['a']) }), /\.name: any value was allowed/],
  'a lower bound rises': [change({ count: z.int().min(1).max(10) }), /\.count: minimum 0 became 1/],
  'an upper bound falls': [change({ count: z.int().min(0).max(9) }), /\.count: maximum 10 became 9/],
  'a length is limited': [change({ name: z.string().max(5) }), /\.name: maxLength none became 5/],
  'a list must be longer': [change({ tags: z.array(z.string()).min(2) }), /\.tags: minItems 1 became 2/],
  'items change': [change({ tags: z.array(z.number()).min(1) }), /\.tags\[\]: type/],
  'a pattern is added': [change({ name: z.string().regex(/^a/) }), /\.name: pattern/],
  'a format is dropped': [change({ at: z.string() }), /\.at: (format|pattern)/],
  'an object is closed': [
    change({ part: z.strictObject({ size: z.int().min(0).max(10) }) }),
    /additionalProperties/,
  ],
  'something inside a named part changes': [
    change({ part: z.object({ size: z.string() }).meta({ id: 'Other' }) }),
    /\.part\.size: type/,
  ],
  'a member of a union is removed': [
    change({ shape: z.discriminatedUnion('kind', [circle]) }),
    /\.shape<\{"kind":"square"\}>: this alternative was removed/,
  ],
  'a member of a union changes': [
    change({ shape: z.discriminatedUnion('kind', [circle, square.extend({ angle: z.number() })]) }),
    /\.shape<\{"kind":"square"\}>\.angle: is required now/,
  ],
  'the only member of a union changes': [
    incompatibilities(schemaOf(z.union([circle])), schemaOf(z.union([circle.extend({ angle: z.number() })]))),
    /angle: is required now/,
  ],
  'the value of a discriminator changes': [
    change({
      shape: z.discriminatedUnion('kind', [circle, square.extend({ kind: z.literal('rectangle') })]),
    }),
    /<\{"kind":"square"\}>: this alternative was removed/,
  ],
  'the discriminator is renamed': [
    change({
      shape: z.discriminatedUnion('type', [
        z.object({ type: z.literal('circle'), radius: z.number() }),
        z.object({ type: z.literal('square'), side: z.number() }),
      ]),
    }),
    /<\{"kind":"circle"\}>: this alternative was removed/,
  ],
  'a keyword appears that the comparison does not know': [
    incompatibilities({ type: 'object' }, { type: 'object', not: { required: ['a'] } }),
    /not undefined became/,
  ],
};

for (const [what, [found, problem]] of Object.entries(refused))
  test(`refused: ${what}`, (t) => {
    t.regex(found.join('\n'), problem);
  });

const allowed: Record<string, string[]> = {
  'nothing changes': change({}),
  'an optional field is added': change({ added: z.string().optional() }),
  'an enum gains a value': change({ level: z.enum(['high', 'normal', 'low']) }),
  'a bound is widened': change({ count: z.int().min(-1).max(20) }),
  'a union gains a member': change({
    shape: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('point') }),
      circle,
      square.extend({ angle: z.number().optional() }),
    ]),
  }),
  'a second form joins the only one': change({ part: z.union([Part, z.object({ none: z.literal(true) })]) }),
  'a description changes': change({ name: z.string().describe('Of the file') }),
  'a part is taken out into one of its own': change({
    shape: z.discriminatedUnion('kind', [circle.meta({ id: 'Circle' }), square]),
  }),
};

for (const [what, found] of Object.entries(allowed))
  test(`allowed: ${what}`, (t) => {
    t.deepEqual(found, []);
  });
