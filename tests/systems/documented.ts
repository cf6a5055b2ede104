import type { OpenApiDocument } from '@transcodeflow/shared/contracts/rest/answer-headers.ts';
import { openApiDocument } from '@transcodeflow/shared/contracts/rest/openapi.ts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** What came back of a call. */
export interface GivenAnswer {
  method: string;
  /** With or without a query. */
  path: string;
  status: number;
  headers: Headers;
  /** The whole body; absent where it was not read. */
  text?: string;
}

type Responses = Record<string, { content?: Record<string, object>; headers?: Record<string, object> }>;
interface Call {
  template: string;
  pattern: RegExp;
  responses: Readonly<Record<string, Responses>>;
}

const METHODS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const;
/** Requests that are too slow, too long or too large for HTTP reach no call; the document's introduction names them. */
const BEFORE_ANY_CALL = new Set([408, 414, 431]);
const ID = 'openapi';

/**
 * Holds answers against the OpenAPI document.
 * @returns a check that throws, with what is wrong, for an answer that is not documented: its path and method, status,
 *   headers, content type or JSON
 */
export function documented(document: OpenApiDocument = openApiDocument()): (answer: GivenAnswer) => void {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, ID);
  const calls = callsOf(document);
  const components: Record<string, object> = document.components?.headers ?? {};
  const compiled = new Map<string, ValidateFunction>();
  const validatorAt = (...steps: string[]): ValidateFunction => {
    const pointer = steps
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const known = compiled.get(pointer);
    const validate = known ?? ajv.compile({ $ref: `${ID}#/${pointer}` });
    compiled.set(pointer, validate);
    return validate;
  };

  return ({ method, path, status, headers, text }) => {
    const { pathname } = new URL(path, 'http://any');
    const fail = (why: string): never => {
      throw new Error(
        `Not as documented: ${method} ${pathname} → ${status}: ${why}\n${text?.slice(0, 2_000) ?? ''}`,
      );
    };
    const validate = (validator: ValidateFunction) => {
      if (text === undefined || text === '') return;
      if (!validator(JSON.parse(text)))
        fail(ajv.errorsText(validator.errors, { dataVar: 'body', separator: '\n' }));
    };
    const type = headers.get('content-type')?.split(';')[0]?.trim();
    const call = calls.find(({ pattern }) => pattern.test(pathname));
    // A GET's HEAD is what the GET is, without its body.
    const name = method === 'HEAD' && !call?.responses.head ? 'get' : method.toLowerCase();
    const responses = call?.responses[name];
    // Any path that is known may be asked for its methods.
    if (call && method === 'OPTIONS' && !responses && status === 204 && headers.has('allow')) return;
    if (!call || !responses) {
      if (status !== (call ? 405 : 404)) fail('the call is not documented');
      if (type !== 'application/problem+json') fail(`a refusal of type ${type}`);
      return validate(validatorAt('components', 'schemas', 'Problem'));
    }
    if (!responses[status] && BEFORE_ANY_CALL.has(status) && type === 'application/problem+json')
      return validate(validatorAt('components', 'schemas', 'Problem'));
    const response =
      responses[status] ?? fail(`of ${call.template}, only ${Object.keys(responses)} are documented`);
    for (const [header, given] of Object.entries(response.headers ?? {})) {
      const definition =
        '$ref' in given ? (components[String(given.$ref).split('/').at(-1) ?? ''] ?? given) : given;
      if ('required' in definition && definition.required && !headers.has(header))
        fail(`the header ${header} is missing`);
    }
    if (!response.content) {
      if (text) fail('a body, where none is documented');
      return;
    }
    if (type === undefined || !Object.hasOwn(response.content, type))
      return fail(`a body of type ${type}, not ${Object.keys(response.content)}`);
    if (/\bjson$/.test(type))
      validate(
        validatorAt('paths', call.template, name, 'responses', String(status), 'content', type, 'schema'),
      );
  };
}

/** Those without parameters first: `/api/jobs/stats` is no job's id. */
function callsOf(document: OpenApiDocument): Call[] {
  const calls = Object.entries(document.paths ?? {}).map(([template, item]) => ({
    template,
    pattern: new RegExp(
      `^${template.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '.+' : '[^/]+'))}$`,
    ),
    responses: Object.fromEntries(
      METHODS.flatMap((method) => (item[method] ? [[method, item[method].responses as Responses]] : [])),
    ),
  }));
  return calls.sort((a, b) => Number(a.template.includes('{')) - Number(b.template.includes('{')));
}
