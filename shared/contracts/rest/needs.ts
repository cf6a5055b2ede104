import type { oas31 } from 'zod-openapi';
import type { Scope } from '../../http/app-state.ts';

/** The `security` of a call that needs a key with this scope. */
export const needs = (scope: Scope): oas31.SecurityRequirementObject[] => [{ ApiKey: [scope] }];

/** The `security` of a call that anybody may make. */
export const open: oas31.SecurityRequirementObject[] = [];
