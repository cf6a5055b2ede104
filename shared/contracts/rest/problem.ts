import { z } from 'zod';
import { type ErrorCode, errorTable } from '../../errors.ts';

const codes = Object.keys(errorTable).filter((code): code is ErrorCode => Object.hasOwn(errorTable, code));

/** An RFC 9457 problem document: what every refusal looks like. */
export const Problem = z
  .strictObject({
    type: z.url().describe('Names the kind of problem; the same for each problem with this `code`.'),
    title: z.string().min(1),
    status: z.number().int().min(400).max(599).describe('The HTTP status of the answer.'),
    detail: z.string().min(1).describe('What is wrong this time, for the person who reads it.'),
    code: z.enum(codes).describe('For programs; part of the contract.'),
    instance: z.string().optional().describe('The path that was called; absent where a gateway answers.'),
    request_id: z.string().describe('Also in the header X-Request-Id, and in the logs.'),
    errors: z.record(z.string(), z.string()).optional().describe('Field → what is wrong with it.'),
  })
  .meta({ id: 'Problem', description: 'An RFC 9457 problem document: what every refusal looks like.' });
export type Problem = z.infer<typeof Problem>;
