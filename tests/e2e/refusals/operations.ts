import { openApiDocument } from '@transcodeflow/shared/contracts/rest/openapi.ts';
import type { Scope } from '@transcodeflow/shared/http/app-state.ts';

/** One call of the API, as its document has it. */
export interface Operation {
  id: string;
  method: string;
  /** With `{…}` where its parameters go. */
  path: string;
  /** Undefined: anybody may call it. */
  scope: Scope | undefined;
  /** Media types of its body; none: it has no body. */
  bodies: readonly string[];
}

const METHODS = ['get', 'head', 'options', 'post', 'put', 'patch', 'delete'] as const;
const isScope = (text: string | undefined): text is Scope => ['read', 'write', 'admin'].includes(text ?? '');

/** Every call there is: a new one is in these suites without being named in them. */
export const operations: readonly Operation[] = Object.entries(openApiDocument().paths ?? {}).flatMap(
  ([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method];
      if (!operation) return [];
      const scope = operation.security?.[0]?.ApiKey?.[0];
      const body = operation.requestBody;
      return {
        id: operation.operationId ?? `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        scope: isScope(scope) ? scope : undefined,
        bodies: body && 'content' in body ? Object.keys(body.content) : [],
      };
    }),
);

/** Which methods a path knows; HEAD comes with GET. */
export const methodsOf = (path: string): Set<string> =>
  new Set(
    operations
      .filter((operation) => operation.path === path)
      .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
  );

/** Whether a path with a parameter in the same place knows the method. */
export const isTakenByAnother = (path: string, method: string): boolean =>
  operations.some(
    (operation) =>
      operation.path !== path &&
      operation.method === method &&
      new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
